package io.conshelf.server.storage;

import java.util.EnumSet;
import java.util.Set;

/// What a SAS allows. The order is that of the letters in `sp=`.
public enum SasPermission {
    READ('r'), ADD('a'), CREATE('c'), WRITE('w'), UPDATE('u'), PROCESS('p'), DELETE('d'), LIST('l');

    private final char letter;

    SasPermission(char letter) {
        this.letter = letter;
    }

    static String letters(Set<SasPermission> permissions) {
        StringBuilder letters = new StringBuilder();
        for (SasPermission permission : values()) {
            if (permissions.contains(permission)) {
                letters.append(permission.letter);
            }
        }
        return letters.toString();
    }

    /// Letters that stand for operations not offered here (tags, versions, leases) grant nothing.
    static Set<SasPermission> parse(String letters) {
        EnumSet<SasPermission> permissions = EnumSet.noneOf(SasPermission.class);
        for (SasPermission permission : values()) {
            if (letters.indexOf(permission.letter) >= 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }
}
