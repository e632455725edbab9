package io.conshelf.engine.external;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls.Answer;
import io.conshelf.engine.WebCalls.Call;
import io.conshelf.engine.ingest.FieldText;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// The items that Cosmos DB answers a query with, a page at a time. Columns are filled from the properties of their names; an item
/// without one has null there.
record CosmosAnswer(WebRequests web, CosmosRequest request, CalloutLimits.OfRequest taken, InstantSource clock, WriteStop stop) implements ForeignRows {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PLUGIN = "cosmosdb_sql_request";

    /// @param continuation empty at the last page
    private record Page(JsonNode items, String continuation) {}

    /// The properties that the items of the first page with any have.
    List<ColumnSchema> columns() {
        Map<String, Type> types = new LinkedHashMap<>();
        var first = page("");
        while (first.items().isEmpty() && !first.continuation().isEmpty()) {
            first = page(first.continuation());
        }
        first.items().forEach(item -> item.properties().forEach(property -> {
            if (!property.getValue().isNull()) {
                types.merge(property.getKey(), type(property.getValue()), CosmosAnswer::both);
            } else {
                types.putIfAbsent(property.getKey(), Type.DYNAMIC);
            }
        }));
        return types.entrySet().stream().map(entry -> new ColumnSchema(entry.getKey(), entry.getValue())).toList();
    }

    private static Type type(JsonNode value) {
        if (value.isTextual()) {
            return Type.STRING;
        }
        if (value.isBoolean()) {
            return Type.BOOL;
        }
        return value.canConvertToLong() && value.isIntegralNumber() ? Type.LONG : value.isNumber() ? Type.REAL : Type.DYNAMIC;
    }

    private static Type both(Type one, Type other) {
        return one == other ? one : one.isNumeric() && other.isNumeric() ? Type.REAL : Type.DYNAMIC;
    }

    private Page page(String continuation) {
        taken.fetch();
        var bytes = new AtomicLong();
        try {
            return page(continuation, coming -> {
                taken.take(coming);
                bytes.addAndGet(coming);
            });
        } finally {
            taken.giveBack(bytes.get());
        }
    }

    private Page page(String continuation, LongConsumer coming) {
        var call = new Call(request.address(), request.headers(clock.instant(), continuation), Optional.of(request.body()),
                WebRequests.ANSWER_BYTES_MAX, WebRequests.WITHIN, coming);
        Answer answer = web.answer(PLUGIN, call, stop);
        try {
            JsonNode items = JSON.readTree(answer.body()).path("Documents");
            for (JsonNode item : items) {
                if (!item.isObject()) {
                    throw new KustoException(Errors.badRequest(PLUGIN + ": the query gives values that have no names; "
                            + "select them as properties, as in 'SELECT c.id FROM c'"));
                }
            }
            String next = answer.headers().entrySet().stream().filter(h -> h.getKey().equalsIgnoreCase("x-ms-continuation"))
                    .map(header -> header.getValue().getFirst()).findFirst().orElse("");
            return new Page(items, next);
        } catch (IOException e) {
            throw new KustoException(Errors.badRequest(PLUGIN + ": the answer is no JSON"), e);
        }
    }

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        return new Scan() {
            private final RowLayout layout = RowLayout.of(wanted);
            private Optional<String> next = Optional.of("");

            @Override
            public synchronized Optional<Rows> next() {
                while (next.isPresent()) {
                    var page = page(next.get());
                    next = page.continuation().isEmpty() ? Optional.empty() : Optional.of(page.continuation());
                    if (!page.items().isEmpty()) {
                        return Optional.of(rows(layout, wanted, page.items()));
                    }
                }
                return Optional.empty();
            }

            @Override
            public void close() {
                // Whoever is asked is stopped with the request.
            }
        };
    }

    private static Rows rows(RowLayout layout, List<TableColumn> wanted, JsonNode items) {
        List<RowColumn> written = Rows.columnsFor(layout);
        int row = 0;
        for (JsonNode item : items) {
            for (int i = 0; i < wanted.size(); i++) {
                JsonNode value = item.path(wanted.get(i).name());
                if (value.isMissingNode() || value.isNull()) {
                    written.get(i).setNull(row);
                } else {
                    boolean isText = value.isTextual() && wanted.get(i).type() != Type.DYNAMIC;
                    FieldText.write(wanted.get(i).type(), isText ? value.asText() : value.toString(), written.get(i), row);
                }
            }
            row++;
        }
        return new Rows(layout, written, row);
    }
}
