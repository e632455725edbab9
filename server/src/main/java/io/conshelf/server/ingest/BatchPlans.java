package io.conshelf.server.ingest;

import io.conshelf.server.storage.EdmValue;
import io.conshelf.server.storage.Entity;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.EntityStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which messages make up which batch, written down before the batch is ingested. After a crash the same messages form
/// the same batch again, under the id that the commit may already remember; otherwise they would find new companions
/// and be ingested twice.
final class BatchPlans {
    private static final String TABLE = "ingestionplans";
    private static final String PARTITION = "plan";
    private static final int IDS_IN_PROPERTY = 500;
    private static final int PAGE = 1_000;

    private final EntityStore tables;

    BatchPlans(EntityStore tables) {
        this.tables = tables;
        tables.createTable(TABLE);
    }

    /// A batch of one needs no plan: its id is its message's.
    void keep(Batch batch) {
        List<String> ids = batch.messageIds();
        if (ids.size() == 1) {
            return;
        }
        Map<String, EdmValue> properties = new LinkedHashMap<>();
        for (int start = 0; start < ids.size(); start += IDS_IN_PROPERTY) {
            var part = ids.subList(start, Math.min(ids.size(), start + IDS_IN_PROPERTY));
            properties.put("Messages" + start / IDS_IN_PROPERTY, EdmValue.of(String.join(",", part)));
        }
        tables.insertOrReplace(TABLE, new EntityKey(PARTITION, batch.id()), properties);
    }

    void forget(String batchId) {
        var key = new EntityKey(PARTITION, batchId);
        if (tables.find(TABLE, key).isPresent()) {
            tables.delete(TABLE, key, EntityStore.ANY);
        }
    }

    /// Message ids by batch, as an earlier process left them.
    Map<String, List<String>> left() {
        Map<String, List<String>> plans = new LinkedHashMap<>();
        Optional<EntityKey> from = Optional.of(EntityStore.FIRST);
        while (from.isPresent()) {
            var page = tables.query(TABLE, from.get(), _ -> true, PAGE);
            page.entities().forEach(entity -> plans.put(entity.key().rowKey(), messages(entity)));
            from = page.next();
        }
        return plans;
    }

    private static List<String> messages(Entity entity) {
        List<String> ids = new ArrayList<>();
        entity.properties().forEach((name, value) -> {
            if (value instanceof EdmValue.Text(String text)) {
                ids.addAll(List.of(text.split(",")));
            }
        });
        return ids;
    }
}
