package io.conshelf.connectors.file;

/// Paths inside a store: names joined by `/`, relative to the store's root, which is "".
public final class StorePath {
    private StorePath() {}

    /// The path in one spelling: `/` between names, none at the ends.
    public static String of(String text) {
        return text.replace('\\', '/').replaceAll("/{2,}", "/").replaceAll("^/+|/+$", "");
    }

    /// A path of a folder and a name, either of which may be empty.
    public static String join(String folder, String name) {
        String trimmed = folder.replace('\\', '/').replaceAll("/+$", "");
        return trimmed.isEmpty() ? name : name.isEmpty() ? trimmed : trimmed + "/" + name;
    }

    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    public static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// The path as it stands below a folder; the whole path where it is not below it.
    public static String below(String folder, String path) {
        return folder.isEmpty() ? path : path.startsWith(folder + "/") ? path.substring(folder.length() + 1) : path;
    }

    static boolean isBelow(String folder, String path) {
        return folder.isEmpty() || path.startsWith(folder + "/");
    }
}
