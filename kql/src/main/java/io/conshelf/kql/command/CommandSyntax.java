package io.conshelf.kql.command;

import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;

/// A management command as declared in `commands.txt`.
///
/// @param name     the service's own name: `CreateTable`
/// @param answerer which half of a cluster answers it
/// @param role     who may run it, in the words of the documentation
/// @param output   the result's columns, where they are always the same
/// @param refusal  why it is not built, as `refused.txt` tells
public record CommandSyntax(
        String name, Priority priority, Answerer answerer, String notation, String role, Optional<List<ColumnSchema>> output,
        Optional<String> refusal) {
    /// How much a command matters: `P0` is needed by the connectors and SDKs, `P1` is documented, `P2` is the service's own affair.
    public enum Priority { P0, P1, P2 }

    public enum Answerer { ENGINE, DATA_MANAGEMENT }

    @Override
    public String toString() {
        return name;
    }
}
