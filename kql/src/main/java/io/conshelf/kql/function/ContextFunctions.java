package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.Lowering.IntrinsicFunction.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// What a query knows of itself and of the row's storage.
final class ContextFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("current_database", NONE, "The name of the database that the query runs in.",
                    takes().returns(STRING).intrinsic(CURRENT_DATABASE)),
            scalar("current_principal", NONE, "Who runs the query.",
                    takes().returns(STRING).intrinsic(CURRENT_PRINCIPAL)),
            scalar("current_principal_details", NONE, "What is known of who runs the query.",
                    takes().returns(DYNAMIC).intrinsic(CURRENT_PRINCIPAL_DETAILS)),
            scalar("current_principal_is_member_of", NONE, "Whether one of these principals runs the query.",
                    takes(oneOf("group", STRING, DYNAMIC).asConstant()).repeatingLast().returns(BOOL)
                            .intrinsic(CURRENT_PRINCIPAL_IS_MEMBER_OF)),
            scalar("current_cluster_endpoint", NONE, "The address of the cluster.",
                    takes().returns(STRING).intrinsic(CURRENT_CLUSTER_ENDPOINT)),
            scalar("new_guid", NONE, "A new random guid in each row.",
                    takes().returns(GUID).intrinsic(NEW_GUID)),
            scalar("ingestion_time", PREFIX, "$IngestionTime", "When the row was ingested.",
                    takes().returns(DATETIME).intrinsic(INGESTION_TIME)),
            scalar("cursor_current", NONE, "How far the database's data is complete, as text to compare rows with.",
                    takes().returns(STRING).intrinsic(CURSOR_CURRENT)),
            scalar("current_cursor", NONE, "The old name of cursor_current().",
                    takes().returns(STRING).intrinsic(CURSOR_CURRENT)),
            scalar("cursor_after", NONE, "Whether the row was ingested after a cursor.",
                    takes(string("cursor")).returns(BOOL).intrinsic(CURSOR_AFTER),
                    takes().returns(BOOL).intrinsic(CURSOR_AFTER)),
            scalar("cursor_before_or_at", NONE, "Whether the row was ingested before a cursor or at it.",
                    takes(string("cursor")).returns(BOOL).intrinsic(CURSOR_BEFORE_OR_AT),
                    takes().returns(BOOL).intrinsic(CURSOR_BEFORE_OR_AT)),
            scalar("extent_id", NONE, "The extent that holds the row.",
                    takes().returns(GUID).intrinsic(EXTENT_ID)),
            scalar("extent_tags", NONE, "The tags of the extent that holds the row.",
                    takes().returns(DYNAMIC).intrinsic(EXTENT_TAGS)));

    private ContextFunctions() {}
}
