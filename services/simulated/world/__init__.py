"""The world model: seeded, pure, on an injected clock. It can be asked for any minute, past ones too."""
