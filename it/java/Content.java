import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Rows as they are sent: as text, packed, as files.
final class Content {
    /// Files in formats that no client writes, in the folder SAMPLES.
    static final Map<DataFormat, String> WRITTEN = Map.of(DataFormat.AVRO, "rows.avro", DataFormat.APACHEAVRO, "rows.avro",
            DataFormat.PARQUET, "rows.parquet", DataFormat.ORC, "rows.orc", DataFormat.W3CLOGFILE, "rows.w3clog");

    private Content() {}

    static StreamSourceInfo stream(String text) {
        return new StreamSourceInfo(new ByteArrayInputStream(bytes(text)));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] packed(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes(text));
        }
        return out.toByteArray();
    }

    static byte[] zipped(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("rows.csv"));
            zip.write(bytes(text));
        }
        return out.toByteArray();
    }

    static String file(Path folder, String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    static FileSourceInfo sample(DataFormat format) {
        return new FileSourceInfo(Path.of(System.getenv("SAMPLES"), WRITTEN.get(format)).toString());
    }
}
