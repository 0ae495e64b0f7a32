"""The main job: every stage for one person, and the folder that holds what came of it."""
