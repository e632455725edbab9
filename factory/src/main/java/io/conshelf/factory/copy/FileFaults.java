package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import java.util.Locale;

/// Which files a binary copy of many leaves out: the `skipErrorFile` of a Copy.
record FileFaults(boolean isStated, boolean missing, boolean forbidden, boolean inconsistent, boolean badlyNamed) {
    static FileFaults of(Located stated) {
        return new FileFaults(stated.isPresent(), stated.at("fileMissing").flag().orElse(true), stated.at("fileForbidden").flag().orElse(false),
                stated.at("dataInconsistency").flag().orElse(false), stated.at("invalidFileName").flag().orElse(false));
    }

    static FileFaults none() {
        return new FileFaults(false, false, false, false, false);
    }

    boolean skipsMissing() {
        return isStated && missing;
    }

    boolean skips(StoreException failure) {
        String code = failure.code().toLowerCase(Locale.ROOT);
        return isStated && (missing && code.contains("notfound") || forbidden && (code.contains("forbidden") || code.contains("denied"))
                || inconsistent && code.contains("inconsisten") || badlyNamed && code.contains("invalidfilepath"));
    }
}
