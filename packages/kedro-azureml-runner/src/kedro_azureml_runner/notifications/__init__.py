"""Messages that steps send about their job; imported only where `azureml.yml` asks for them."""
