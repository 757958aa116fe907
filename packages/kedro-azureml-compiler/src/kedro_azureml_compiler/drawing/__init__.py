"""A plan as a page, an SVG picture, or Mermaid."""
