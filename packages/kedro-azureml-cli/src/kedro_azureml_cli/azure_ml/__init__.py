"""Everything that talks to Azure ML: only this folder of the package imports the SDK, in functions.

Everything goes through the real `azure-ai-ml` client. Its modules are imported by a command that
needs them, since importing the SDK takes seconds.
"""
