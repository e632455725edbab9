package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// The log of a copy, in a store of files: what was skipped and, at level Info, what was read and written. It appears when the copy has ended.
final class CopyLog implements AutoCloseable {
    private static final List<String> COLUMNS = List.of("Timestamp", "Level", "OperationName", "OperationItem", "Message");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSS").withZone(ZoneOffset.UTC);

    private final ActivityContext context;
    private final String path;
    private final boolean isVerbose;
    private final FileStore.PendingFile file;
    private final DelimitedTextWriter writer;

    private CopyLog(ActivityContext context, String path, boolean isVerbose, FileStore.PendingFile file) throws StoreException {
        this.context = context;
        this.path = path;
        this.isVerbose = isVerbose;
        this.file = file;
        this.writer = new DelimitedTextWriter(file.stream(), DelimitedText.rfc4180(',').withHeader());
        writer.writeHeader(COLUMNS);
    }

    /// The log that an activity's settings ask for, in the current form or in one of the two older ones.
    static Optional<CopyLog> of(ActivityContext context, Located properties) throws ActivityFailure, StoreException {
        Located settings = properties.at("logSettings");
        boolean isWanted = settings.at("enableCopyActivityLog").flag().orElse(settings.isPresent());
        Located level = settings.isPresent() ? settings.at("copyActivityLogSettings").at("logLevel") : properties.at("logStorageSettings").at("logLevel");
        boolean isVerbose = level.text("Warning").equalsIgnoreCase("Info");
        Optional<Located> place = Stream.of(settings.at("logLocationSettings"), properties.at("logStorageSettings"),
                properties.at("redirectIncompatibleRowSettings")).filter(Located::isPresent).findFirst();
        if (place.isEmpty() || settings.isPresent() && !isWanted) {
            return Optional.empty();
        }
        Stores.FilePlace folder = context.stores().place(place.get().at("linkedServiceName"), place.get().at("path"), context.scope());
        String path = StorePath.join(folder.folder(), "copyactivity-logs/" + context.activity().name().replaceAll("[^A-Za-z0-9 _.-]", "_") + "/"
                + context.activityRunId() + "/" + UUID.randomUUID() + ".csv");
        String shown = StorePath.join(StorePath.of(place.get().at("path").text("")), path.substring(StorePath.join(folder.folder(), "").length()).replaceFirst("^/", ""));
        return Optional.of(new CopyLog(context, shown, isVerbose, folder.store().create(path)));
    }

    String path() {
        return path;
    }

    void skipped(String operation, String item, String message) throws StoreException {
        write("Warning", operation, item, message);
    }

    void done(String operation, String item, String message) throws StoreException {
        if (isVerbose) {
            write("Info", operation, item, message);
        }
    }

    private synchronized void write(String level, String operation, String item, String message) throws StoreException {
        Instant now = context.clock().instant();
        writer.write(List.of(TextNode.valueOf(TIME.format(now)), TextNode.valueOf(level), TextNode.valueOf(operation), TextNode.valueOf(item), TextNode.valueOf(message)));
    }

    /// Whatever became of the copy, what was logged is kept.
    @Override
    public synchronized void close() throws StoreException {
        writer.close();
        file.commit();
        file.close();
    }
}
