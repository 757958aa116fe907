"""What speaks to Azure ML: the one part of this package that imports the Azure SDK, in functions.

Everything goes through the real `azure-ai-ml` client. Its modules are imported by a command that
needs them, since importing the SDK takes seconds.
"""
