"""The failsafe: whatever dies, every guest of a window is thawed.

A run with a failsafe has three processes while its window is open:

* the *controller*, which is whoever called vnfdr: it is never killed;
* the *worker*, which freezes, snapshots and thaws: small, and killable;
* the *failsafe*, which is connected to every guest before the first is frozen. When
  the lease runs out, or one of the other two is gone, it kills the worker, so that
  this can do nothing more, and thaws until every guest is proven thawed.
"""
