"""Values as people write them, in YAML or JSON: strictly, every mistake with its place.

`document` reads, and knows lines; `strict` makes values, and knows fields. Which values
those are, and what may be said of them in short, is for others to say.
"""
