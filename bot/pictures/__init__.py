"""Pictures of what was measured and of what happened: data in, PNG out.

What is to be seen is decided here without drawing anything (`matrix`, `lines`, `timeline`), so it can be compared with
what was measured. Drawing takes matplotlib, a hundred megabytes that no process of ours should carry for ever: a child
does it and ends (`render`). Whoever cannot see a picture has its `alt`, and where none can be shown, `words`.
"""
