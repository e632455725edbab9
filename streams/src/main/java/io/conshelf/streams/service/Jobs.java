package io.conshelf.streams.service;

import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.connectors.management.ServiceStore;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The jobs. A change is stored before it is seen.
final class Jobs {
    private final ResourceTable<StoredJob> jobs;

    Jobs(ServiceStore store) {
        this.jobs = new ResourceTable<>(store, "jobs", StoredJob::of);
    }

    List<StoredJob> all() {
        return jobs.all();
    }

    Optional<StoredJob> find(JobId id) {
        return jobs.find(id.key());
    }

    StoredJob get(JobId id) {
        return find(id).orElseThrow(() -> noJob(id));
    }

    static Refusal noJob(JobId id) {
        return Refusal.of(404, "ResourceNotFound", id.path(), "The Resource 'Microsoft.StreamAnalytics/streamingjobs/" + id.name()
                + "' under resource group '" + id.resourceGroup() + "' was not found.");
    }

    /// Creates or changes a job; nobody else changes it meanwhile.
    ///
    /// @param change of the job as it is, if it is there
    StoredJob change(JobId id, java.util.function.Function<Optional<StoredJob>, StoredJob> change) {
        return jobs.change(id.key(), change);
    }

    /// Changes a job that is there; does nothing where it has gone.
    void changeIfThere(JobId id, UnaryOperator<StoredJob> change) {
        jobs.changeIfThere(id.key(), change);
    }

    /// @return false if there is none
    boolean delete(JobId id) {
        return jobs.delete(id.key());
    }
}
