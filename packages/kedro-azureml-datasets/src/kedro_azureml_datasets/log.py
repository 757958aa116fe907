"""The logger of these packages.

It lies below Kedro's own: a line at the level INFO below any other logger is shown only where the
user has configured that logger.
"""

import logging

logger = logging.getLogger("kedro.azureml")
