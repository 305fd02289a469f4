"""Systems to assess: makers of their data, their manifests and their documents."""
