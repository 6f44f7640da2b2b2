"""Design system: base templates, components, tokens and the few scripts."""
