package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
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

/// The items that Cosmos DB answers a query with, a page at a time. Columns are filled from the properties of their names; an item
/// without one has null there. Of a page, which is held as it came, no more than some items are made into rows at once: as trees all of
/// them would take many times its bytes.
final class CosmosAnswer implements ForeignRows {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PLUGIN = "cosmosdb_sql_request";
    private static final int ROWS_AT_ONCE = 2_048;

    private final WebRequests web;
    private final CosmosRequest request;
    private final CalloutLimits.OfRequest taken;
    private final InstantSource clock;
    private final WriteStop stop;
    /// What told the columns, until rows are made of it.
    private Optional<Page> first = Optional.empty();

    CosmosAnswer(WebRequests web, CosmosRequest request, CalloutLimits.OfRequest taken, InstantSource clock, WriteStop stop) {
        this.web = web;
        this.request = request;
        this.taken = taken;
        this.clock = clock;
        this.stop = stop;
    }

    /// @param takenBytes   that it counts for as long as it is held
    /// @param continuation empty at the last page
    private record Page(byte[] body, long takenBytes, String continuation) {}

    /// The properties that the items of the first page with any have.
    synchronized List<ColumnSchema> columns() {
        Map<String, Type> types = new LinkedHashMap<>();
        Page page = page("");
        boolean hasItems = merge(page, types);
        while (!hasItems && !page.continuation().isEmpty()) {
            taken.giveBack(page.takenBytes());
            page = page(page.continuation());
            hasItems = merge(page, types);
        }
        first = Optional.of(page);
        return types.entrySet().stream().map(entry -> new ColumnSchema(entry.getKey(), entry.getValue())).toList();
    }

    private static boolean merge(Page page, Map<String, Type> types) {
        try (var items = new Items(page.body())) {
            boolean hasItems = false;
            for (Optional<JsonNode> item = items.next(); item.isPresent(); item = items.next()) {
                hasItems = true;
                item.get().properties().forEach(property -> {
                    if (!property.getValue().isNull()) {
                        types.merge(property.getKey(), type(property.getValue()), CosmosAnswer::both);
                    } else {
                        types.putIfAbsent(property.getKey(), Type.DYNAMIC);
                    }
                });
            }
            return hasItems;
        }
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
        boolean isWhole = false;
        try {
            var call = new Call(request.address(), request.headers(clock.instant(), continuation), Optional.of(request.body()),
                    WebRequests.ANSWER_BYTES_MAX, WebRequests.WITHIN, coming -> {
                        taken.take(coming);
                        bytes.addAndGet(coming);
                    });
            Answer answer = web.answer(PLUGIN, call, stop);
            isWhole = true;
            return new Page(answer.body(), bytes.get(), answer.headers().entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase("x-ms-continuation"))
                    .map(header -> header.getValue().getFirst()).findFirst().orElse(""));
        } finally {
            if (!isWhole) {
                taken.giveBack(bytes.get());
            }
        }
    }

    private synchronized Page begun() {
        Optional<Page> known = first;
        first = Optional.empty();
        return known.orElseGet(() -> page(""));
    }

    /// The items of a page, one after the other.
    private static final class Items implements AutoCloseable {
        private final JsonParser json;
        private boolean isEnded;

        Items(byte[] body) {
            try {
                json = JSON.createParser(body);
                isEnded = json.nextToken() != JsonToken.START_OBJECT || !isAtDocuments();
            } catch (IOException e) {
                throw noJson(e);
            }
        }

        private boolean isAtDocuments() throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean isNamed = json.currentName().equals("Documents");
                if (json.nextToken() == JsonToken.START_ARRAY && isNamed) {
                    return true;
                }
                json.skipChildren();
            }
            return false;
        }

        Optional<JsonNode> next() {
            try {
                isEnded = isEnded || json.nextToken() == JsonToken.END_ARRAY;
                if (isEnded) {
                    return Optional.empty();
                }
                JsonNode item = JSON.readTree(json);
                if (!item.isObject()) {
                    throw new KustoException(Errors.badRequest(PLUGIN + ": the query gives values that have no names; "
                            + "select them as properties, as in 'SELECT c.id FROM c'"));
                }
                return Optional.of(item);
            } catch (IOException e) {
                throw noJson(e);
            }
        }

        private static KustoException noJson(IOException why) {
            return new KustoException(Errors.badRequest(PLUGIN + ": the answer is no JSON"), why);
        }

        @Override
        public void close() {
            try {
                json.close();
            } catch (IOException e) {
                throw noJson(e);
            }
        }
    }

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        return new PageScan(wanted);
    }

    private final class PageScan implements Scan {
        private final List<TableColumn> wanted;
        private final RowLayout layout;
        private String continuation = "";
        private long takenBytes;
        private Optional<Items> items = Optional.empty();
        private boolean isEnded;

        PageScan(List<TableColumn> wanted) {
            this.wanted = List.copyOf(wanted);
            layout = RowLayout.of(wanted);
        }

        @Override
        public synchronized Optional<Rows> next() {
            while (!isEnded) {
                Rows rows = rows(items.orElseGet(this::turned));
                if (rows.count() < ROWS_AT_ONCE) {
                    letGo();
                }
                if (rows.count() > 0) {
                    return Optional.of(rows);
                }
            }
            return Optional.empty();
        }

        private Items turned() {
            Page turned = continuation.isEmpty() ? begun() : page(continuation);
            continuation = turned.continuation();
            var read = new Items(turned.body());
            takenBytes = turned.takenBytes();
            items = Optional.of(read);
            return read;
        }

        /// The page has no items any more.
        private void letGo() {
            items.ifPresent(Items::close);
            items = Optional.empty();
            taken.giveBack(takenBytes);
            takenBytes = 0;
            isEnded = continuation.isEmpty();
        }

        private Rows rows(Items read) {
            List<RowColumn> written = Rows.columnsFor(layout);
            int row = 0;
            while (row < ROWS_AT_ONCE) {
                Optional<JsonNode> item = read.next();
                if (item.isEmpty()) {
                    break;
                }
                for (int i = 0; i < wanted.size(); i++) {
                    write(item.get().path(wanted.get(i).name()), wanted.get(i).type(), written.get(i), row);
                }
                row++;
            }
            return new Rows(layout, written, row);
        }

        private static void write(JsonNode value, Type type, RowColumn column, int row) {
            if (value.isMissingNode() || value.isNull()) {
                column.setNull(row);
            } else {
                FieldText.write(type, value.isTextual() && type != Type.DYNAMIC ? value.asText() : value.toString(), column, row);
            }
        }

        @Override
        public void close() {
            // Whoever is asked is stopped with the request, which then gives back what was taken.
        }
    }
}
