"""What a plan costs: price list, quote, range with its drivers, and the difference of two quotes."""

from threadlift.pricing.comparison import QuoteChange, QuoteComparison, compare_quotes
from threadlift.pricing.estimate import quote
from threadlift.pricing.money import CURRENCIES, Currency, format_money
from threadlift.pricing.price import PriceList, load_price_list, read_price_list
from threadlift.pricing.quotation import PriceRange, Quote, QuoteLine

__all__ = [
    "CURRENCIES",
    "Currency",
    "PriceList",
    "PriceRange",
    "Quote",
    "QuoteChange",
    "QuoteComparison",
    "QuoteLine",
    "compare_quotes",
    "format_money",
    "load_price_list",
    "quote",
    "read_price_list",
]
