"""From received bytes to a checked file with preview, page images and text.

`pipeline` runs the `steps` of one file and keeps their states; `child` is the process in which everything that reads
untrusted bytes happens (`formats`, `archives`, `pictures`, `texts`), `sandbox` confines it, `office` converts.
"""
