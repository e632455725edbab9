package io.conshelf.streams.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// The jobs. A change is stored before it is seen.
final class Jobs {
    private static final String COLLECTION = "jobs";

    private final ServiceStore store;
    private final NavigableMap<String, StoredJob> jobs = new TreeMap<>();

    Jobs(ServiceStore store) {
        this.store = store;
        try {
            for (String json : store.documents(COLLECTION).values()) {
                StoredJob job = StoredJob.of(ServiceJson.MAPPER.readTree(json));
                jobs.put(job.id().key(), job);
            }
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("the stored jobs cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }

    synchronized List<StoredJob> all() {
        return List.copyOf(jobs.values());
    }

    synchronized Optional<StoredJob> find(JobId id) {
        return Optional.ofNullable(jobs.get(id.key()));
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
    synchronized StoredJob change(JobId id, java.util.function.Function<Optional<StoredJob>, StoredJob> change) {
        StoredJob after = change.apply(find(id));
        store.change(List.of(new Change.Put(COLLECTION, after.id().key(), after.json())));
        jobs.put(after.id().key(), after);
        return after;
    }

    /// Changes a job that is there; does nothing where it has gone.
    synchronized void changeIfThere(JobId id, UnaryOperator<StoredJob> change) {
        find(id).ifPresent(job -> change(id, _ -> change.apply(job)));
    }

    /// @return false if there is none
    synchronized boolean delete(JobId id) {
        if (!jobs.containsKey(id.key())) {
            return false;
        }
        store.change(List.of(new Change.Remove(COLLECTION, id.key())));
        jobs.remove(id.key());
        return true;
    }
}
