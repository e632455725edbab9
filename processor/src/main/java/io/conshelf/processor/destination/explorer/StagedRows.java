package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.StagedIngestion.Uploaded;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a checkpoint has uploaded, with all that queueing it needs: it may be done after the stage was defined anew.
record StagedRows(String database, String table, List<String> columns, List<Batch> batches) {
    static final String FORMAT = "json";
    private static final byte VERSION = 2;

    /// @param id   by which the cluster knows it again
    /// @param rows the name of the file of this machine that has the same rows, until the cluster has taken them
    record Batch(Uploaded file, String id, String rows) {}

    /// Every cell goes to its column by the column's name, wherever that stands in the table. Types are the table's.
    IngestionSettings how() {
        List<IngestionSettings.Field> fields = new ArrayList<>();
        for (int column = 0; column < columns.size(); column++) {
            fields.add(new IngestionSettings.Field(new IngestionSettings.Target.Untyped(columns.get(column)),
                    new IngestionSettings.Place.JsonPath("$." + RowFile.cell(column))));
        }
        // when rows are to be seen is for the table's batching policy to say
        return new IngestionSettings(FORMAT, Optional.of(new IngestionSettings.Mapping.Inline(fields)), false, false, Map.of());
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(database);
            out.writeUTF(table);
            out.writeInt(columns.size());
            for (String column : columns) {
                out.writeUTF(column);
            }
            out.writeInt(batches.size());
            for (Batch batch : batches) {
                out.writeUTF(batch.file().address());
                out.writeLong(batch.file().bytes());
                out.writeUTF(batch.id());
                out.writeUTF(batch.rows());
            }
        } catch (IOException impossible) {
            throw new AssertionError("memory takes all", impossible);
        }
        return bytes.toByteArray();
    }

    static StagedRows of(byte[] prepared) throws DestinationException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(prepared))) {
            if (in.readByte() != VERSION) {
                throw new IOException("it is of another version");
            }
            String database = in.readUTF();
            String table = in.readUTF();
            List<String> columns = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                columns.add(in.readUTF());
            }
            List<Batch> batches = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                batches.add(new Batch(new Uploaded(in.readUTF(), in.readLong()), in.readUTF(), in.readUTF()));
            }
            return new StagedRows(database, table, columns, batches);
        } catch (IOException unreadable) {
            throw new DestinationException(Lasting.PERMANENT, "what a checkpoint holds of the destination cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
