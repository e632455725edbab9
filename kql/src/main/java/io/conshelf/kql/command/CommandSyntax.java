package io.conshelf.kql.command;

import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;

/// A management command as declared in `commands.txt`.
///
/// @param name   the service's own name: `CreateTable`
/// @param role   who may run it, in the words of the documentation
/// @param output the result's columns, where they are always the same
public record CommandSyntax(String name, String notation, String role, Optional<List<ColumnSchema>> output) {
    @Override
    public String toString() {
        return name;
    }
}
