package io.conshelf.factory;

/// Watches a run. Called by the threads of the run, one call at a time.
@FunctionalInterface
public interface RunListener {
    void on(RunEvent event);
}
