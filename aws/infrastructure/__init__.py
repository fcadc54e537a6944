"""The infrastructure as a CDK app: `make synth` writes its templates, `make deploy` makes it."""
