package io.conshelf.server.storage;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// What an operation asks of a signature.
///
/// @param level        the resource type an account SAS must include
/// @param byServiceSas whether a SAS for one container, queue or table can allow it at all
/// @param alternatives sets of permissions, one of which must be there completely
record Requirement(Level level, boolean byServiceSas, List<Set<SasPermission>> alternatives) {
    enum Level {
        SERVICE('s'), CONTAINER('c'), OBJECT('o');

        private final char letter;

        Level(char letter) {
            this.letter = letter;
        }

        boolean isIn(String resourceTypes) {
            return resourceTypes.indexOf(letter) >= 0;
        }
    }

    /// On the account.
    static Requirement service(SasPermission permission) {
        return new Requirement(Level.SERVICE, false, List.of(Set.of(permission)));
    }

    /// On a container, queue or table as such: making it, dropping it, its properties.
    static Requirement container(SasPermission... oneOf) {
        return new Requirement(Level.CONTAINER, false, each(oneOf));
    }

    /// As [#container], for what a SAS of that container may also do.
    static Requirement inside(SasPermission... oneOf) {
        return new Requirement(Level.CONTAINER, true, each(oneOf));
    }

    /// On a blob, message or entity, with one of the permissions.
    static Requirement object(SasPermission... oneOf) {
        return new Requirement(Level.OBJECT, true, each(oneOf));
    }

    /// On a blob, message or entity, with all of the permissions.
    static Requirement object(Set<SasPermission> all) {
        return new Requirement(Level.OBJECT, true, List.of(all));
    }

    private static List<Set<SasPermission>> each(SasPermission... oneOf) {
        return Arrays.stream(oneOf).map(Set::of).toList();
    }
}
