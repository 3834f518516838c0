"""Drawing a chart in a process of its own: `python -m omsbot.chart`, a picture as JSON in, a PNG out.

The bot never imports this: the drawing library costs more memory than all else, and blocks while it draws.
"""
