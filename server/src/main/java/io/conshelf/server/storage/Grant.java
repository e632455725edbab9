package io.conshelf.server.storage;

import java.util.Set;

/// What a request may do, once its signature is proven.
sealed interface Grant {
    /// Whether the permission is there, whatever the operation.
    boolean has(SasPermission permission);

    /// Throws the service's refusal when the grant falls short.
    void require(Requirement requirement);

    /// Whom a queue is lent to; empty where it is not.
    default String borrower() {
        return "";
    }

    /// Throws when the entity is outside the range of keys that a table's SAS may name.
    default void requireKey(EntityKey key) {}

    /// Whether an entity is outside the range, for queries, which leave it out.
    default boolean hides(EntityKey key) {
        return false;
    }

    /// The owner of the account key.
    record Everything() implements Grant {
        @Override public boolean has(SasPermission permission) {
            return true;
        }

        @Override public void require(Requirement requirement) {}
    }

    record AccountSas(String resourceTypes, Set<SasPermission> permissions) implements Grant {
        @Override public boolean has(SasPermission permission) {
            return permissions.contains(permission);
        }

        @Override public void require(Requirement requirement) {
            if (!requirement.level().isIn(resourceTypes)) {
                throw new StorageException(StorageCode.AUTHORIZATION_RESOURCE_TYPE_MISMATCH,
                        "The account SAS is for resource types '%s' (srt); this operation is on the %s level."
                                .formatted(resourceTypes, requirement.level()));
            }
            requireOneOf(requirement, permissions);
        }
    }

    record ServiceSas(Set<SasPermission> permissions, KeyRange range, String borrower) implements Grant {
        @Override public boolean has(SasPermission permission) {
            return permissions.contains(permission);
        }

        @Override public void require(Requirement requirement) {
            if (!requirement.byServiceSas()) {
                throw new StorageException(StorageCode.AUTHORIZATION_FAILURE,
                        "This operation needs an account SAS or the account key; a SAS for one container, queue or table can't allow it.");
            }
            requireOneOf(requirement, permissions);
        }

        @Override public void requireKey(EntityKey key) {
            if (hides(key)) {
                throw new StorageException(StorageCode.AUTHORIZATION_FAILURE,
                        "The entity's key is outside the range that the SAS allows (spk, srk, epk, erk).");
            }
        }

        @Override public boolean hides(EntityKey key) {
            return !range.contains(key);
        }
    }

    /// The keys a table's SAS is restricted to; empty bounds are open.
    record KeyRange(String startPartition, String startRow, String endPartition, String endRow) {
        static final KeyRange ALL = new KeyRange("", "", "", "");

        boolean contains(EntityKey key) {
            boolean afterStart = startPartition.isEmpty() || new EntityKey(startPartition, startRow).compareTo(key) <= 0;
            int toEnd = key.partitionKey().compareTo(endPartition);
            boolean beforeEnd = endPartition.isEmpty() || toEnd < 0
                    || toEnd == 0 && (endRow.isEmpty() || key.rowKey().compareTo(endRow) <= 0);
            return afterStart && beforeEnd;
        }
    }

    private static void requireOneOf(Requirement requirement, Set<SasPermission> permissions) {
        for (Set<SasPermission> alternative : requirement.alternatives()) {
            if (permissions.containsAll(alternative)) {
                return;
            }
        }
        StringBuilder wanted = new StringBuilder();
        for (Set<SasPermission> alternative : requirement.alternatives()) {
            wanted.append(wanted.isEmpty() ? "'" : " or '").append(SasPermission.letters(alternative)).append('\'');
        }
        throw new StorageException(StorageCode.AUTHORIZATION_PERMISSION_MISMATCH,
                "The SAS allows '%s' (sp); this operation needs %s.".formatted(SasPermission.letters(permissions), wanted));
    }
}
