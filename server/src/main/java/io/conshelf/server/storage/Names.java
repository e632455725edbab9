package io.conshelf.server.storage;

import java.util.regex.Pattern;

/// The service's rules for names. They also keep hostile names out; no name is ever part of a file's path.
final class Names {
    private static final Pattern CONTAINER_OR_QUEUE = Pattern.compile("[a-z0-9](?:-?[a-z0-9]){2,62}");
    private static final Pattern NAMED_ACCOUNT = Pattern.compile("[a-z0-9]{3,24}/");
    private static final int CONTAINER_LENGTH_MAX = 63;
    private static final Pattern SPECIAL_CONTAINER = Pattern.compile("\\$(?:root|web|logs)");
    private static final Pattern TABLE = Pattern.compile("[A-Za-z][A-Za-z0-9]{2,62}");
    private static final Pattern METADATA_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final int KEY_CHARACTERS_MAX = 512;

    private Names() {}

    /// @param stored its name in the store: in an account beside the reserved ones it begins with the account and a slash
    static void requireContainer(String stored) {
        String name = NAMED_ACCOUNT.matcher(stored).lookingAt() ? stored.substring(stored.indexOf('/') + 1) : stored;
        boolean isRegular = CONTAINER_OR_QUEUE.matcher(name).matches() && name.length() <= CONTAINER_LENGTH_MAX;
        if (!isRegular && !SPECIAL_CONTAINER.matcher(name).matches()) {
            throw invalid("container", name, "3 to 63 lower-case letters, digits and single hyphens");
        }
    }

    static void requireQueue(String name) {
        if (!CONTAINER_OR_QUEUE.matcher(name).matches() || name.length() > CONTAINER_LENGTH_MAX) {
            throw invalid("queue", name, "3 to 63 lower-case letters, digits and single hyphens");
        }
    }

    static void requireTable(String name) {
        if (!TABLE.matcher(name).matches()) {
            throw invalid("table", name, "3 to 63 letters and digits, a letter first");
        }
    }

    static void requireBlob(String name, int lengthMax) {
        if (name.isEmpty() || name.length() > lengthMax) {
            throw invalid("blob", name, "1 to " + lengthMax + " characters");
        }
        for (String segment : name.split("/", -1)) {
            if (segment.equals("..") || segment.equals(".")) {
                throw invalid("blob", name, "names without '.' and '..' as a part of the path");
            }
        }
        if (name.startsWith("/") || name.indexOf('\\') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid("blob", name, "names without control characters, backslashes and a leading slash");
        }
    }

    static void requireMetadata(String name) {
        if (!METADATA_NAME.matcher(name).matches()) {
            throw new StorageException(StorageCode.INVALID_METADATA,
                    "'%s' is not a metadata name; letters, digits and underscores are.".formatted(printable(name)));
        }
    }

    static void requireKeys(EntityKey key) {
        requireKey("PartitionKey", key.partitionKey());
        requireKey("RowKey", key.rowKey());
    }

    private static void requireKey(String property, String value) {
        boolean hasForbidden = value.chars().anyMatch(c -> "/\\#?".indexOf(c) >= 0 || Character.isISOControl(c));
        if (value.length() > KEY_CHARACTERS_MAX || hasForbidden) {
            throw new StorageException(StorageCode.INVALID_INPUT,
                    "%s '%s' is not allowed; up to 512 characters without / \\ # ? and control characters are."
                            .formatted(property, printable(value)));
        }
    }

    private static StorageException invalid(String kind, String name, String rule) {
        return new StorageException(StorageCode.INVALID_RESOURCE_NAME,
                "'%s' is not a %s name; %s are.".formatted(printable(name), kind, rule));
    }

    /// A hostile name in an error is shown short and without control characters.
    private static String printable(String name) {
        String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
        return shown.replaceAll("\\p{Cntrl}", "�");
    }
}
