package io.conshelf.server.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The answers of the blob service that change nothing.
final class BlobReads {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int LIST_MAX = 5000;
    private static final long RANGE_MD5_BYTES_MAX = 4L * 1024 * 1024;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");
    /// Parts of a listing that are empty here, and so may be asked for.
    private static final Set<String> LISTABLE = Set.of("", "metadata", "snapshots", "versions", "deleted", "deletedwithversions",
            "copy", "tags", "immutabilitypolicy", "legalhold", "system");
    private static final Map<String, String> SAS_OVERRIDES = Map.of(
            "rscc", "Cache-Control", "rscd", "Content-Disposition", "rsce", "Content-Encoding",
            "rscl", "Content-Language", "rsct", "Content-Type");

    private final BlobStore blobs;

    BlobReads(BlobStore blobs) {
        this.blobs = blobs;
    }

    private record Range(long startBytes, long sizeBytes) {}

    void get(String container, String blob, StorageRequest request, Reply reply) throws IOException {
        try (BlobStore.OpenBlob open = blobs.open(container, blob)) {
            StoredBlob stored = open.blob();
            Conditions.of(request).checkRead(stored);
            Optional<Range> asked = request.method().equals("HEAD") ? Optional.empty() : range(request, stored, reply);
            describe(stored, request, asked, reply);
            if (request.method().equals("HEAD")) {
                reply.header("Content-Length", Long.toString(stored.sizeBytes())).send(200);
                return;
            }
            Range range = asked.orElse(new Range(0, stored.sizeBytes()));
            if (request.asksHeader("x-ms-range-get-content-md5", "true")) {
                reply.header("Content-MD5", md5(open.channel(), range));
            }
            asked.ifPresent(part -> reply.header("Content-Range", "bytes %d-%d/%d".formatted(
                    part.startBytes(), part.startBytes() + part.sizeBytes() - 1, stored.sizeBytes())));
            try (OutputStream out = reply.stream(asked.isPresent() ? 206 : 200, range.sizeBytes())) {
                send(open.channel(), range, out);
            }
        }
    }

    void metadata(String container, String blob, StorageRequest request, Reply reply) {
        StoredBlob stored = blobs.find(container, blob).orElseThrow(() -> StorageException.noBlob(container, blob));
        Conditions.of(request).checkRead(stored);
        reply.version(stored.etag(), stored.lastModified()).metadata(stored.properties().metadata()).send(200);
    }

    private static void describe(StoredBlob stored, StorageRequest request, Optional<Range> range, Reply reply) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/octet-stream");
        headers.putAll(stored.properties().headers());
        SAS_OVERRIDES.forEach((parameter, name) -> {
            if (!request.parameter(parameter).isEmpty()) {
                headers.put(name, request.parameter(parameter));
            }
        });
        String md5 = headers.remove("Content-MD5");
        if (md5 != null) {
            headers.put(range.isPresent() ? "x-ms-blob-content-md5" : "Content-MD5", md5); // the MD5 is that of the whole
        }
        headers.forEach(reply::header);
        reply.version(stored.etag(), stored.lastModified())
                .metadata(stored.properties().metadata())
                .header("Accept-Ranges", "bytes")
                .header("x-ms-creation-time", Reply.date(stored.createdOn()))
                .header("x-ms-blob-type", "BlockBlob")
                .header("x-ms-lease-status", "unlocked")
                .header("x-ms-lease-state", "available")
                .header("x-ms-server-encrypted", "false");
    }

    /// A range in a form that isn't known is ignored, as HTTP asks; one behind the end is refused.
    private static Optional<Range> range(StorageRequest request, StoredBlob stored, Reply reply) {
        String header = request.header("x-ms-range").orElseGet(() -> request.headerOrEmpty("range"));
        Matcher matcher = RANGE.matcher(header);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2) == null ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        if (last < first) {
            return Optional.empty();
        }
        if (first >= stored.sizeBytes()) {
            reply.header("Content-Range", "bytes */" + stored.sizeBytes());
            throw new StorageException(StorageCode.INVALID_RANGE,
                    "The range begins at byte %d; the blob has %d bytes.".formatted(first, stored.sizeBytes()));
        }
        return Optional.of(new Range(first, Math.min(last, stored.sizeBytes() - 1) - first + 1));
    }

    private static String md5(FileChannel channel, Range range) throws IOException {
        if (range.sizeBytes() > RANGE_MD5_BYTES_MAX) {
            throw new StorageException(StorageCode.OUT_OF_RANGE_QUERY_PARAMETER_VALUE,
                    "The MD5 of a range is made for up to %d bytes; the range has %d.".formatted(RANGE_MD5_BYTES_MAX, range.sizeBytes()));
        }
        var md5 = UploadStream.newMd5();
        send(channel, range, new OutputStream() {
            @Override public void write(int b) {
                md5.update((byte) b);
            }

            @Override public void write(byte[] bytes, int offset, int length) {
                md5.update(bytes, offset, length);
            }
        });
        return Base64.getEncoder().encodeToString(md5.digest());
    }

    private static void send(FileChannel channel, Range range, OutputStream out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, Math.max(1, range.sizeBytes())));
        long position = range.startBytes();
        long left = range.sizeBytes();
        while (left > 0) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), left));
            int read = channel.read(buffer, position);
            if (read < 0) {
                throw new IOException("a blob's content is shorter than the blob");
            }
            out.write(buffer.array(), 0, read);
            position += read;
            left -= read;
        }
    }

    void listContainers(StorageRequest request, Reply reply) {
        String prefix = request.parameter("prefix");
        String marker = request.parameter("marker");
        int max = QueueRequests.number(request, "maxresults", LIST_MAX, 1, LIST_MAX);
        boolean withMetadata = List.of(request.parameter("include").split(",")).contains("metadata");
        StorageAddress account = request.address();
        List<BlobContainer> found = blobs.containers().stream()
                .filter(container -> account.isNamed() ? container.name().startsWith(account.container()) : container.name().indexOf('/') < 0)
                .filter(container -> name(container.name()).startsWith(prefix) && name(container.name()).compareTo(marker) >= 0)
                .limit(max + 1L).toList();
        Xml xml = new Xml().open("EnumerationResults").leafUnlessEmpty("Prefix", prefix).leafUnlessEmpty("Marker", marker)
                .leaf("MaxResults", Integer.toString(max)).open("Containers");
        found.stream().limit(max).forEach(container -> {
            xml.open("Container").leaf("Name", name(container.name())).open("Properties")
                    .leaf("Last-Modified", Reply.date(container.lastModified())).leaf("Etag", container.etag())
                    .leaf("LeaseStatus", "unlocked").leaf("LeaseState", "available").close();
            if (withMetadata) {
                writeMetadata(xml, container.metadata());
            }
            xml.close();
        });
        xml.close().leaf("NextMarker", found.size() > max ? name(found.get(max).name()) : "").close();
        reply.xml(200, xml.bytes());
    }

    /// What a container is called in its account.
    private static String name(String container) {
        return container.substring(container.indexOf('/') + 1);
    }

    void listBlobs(String container, StorageRequest request, Reply reply) {
        String prefix = request.parameter("prefix");
        String delimiter = request.parameter("delimiter");
        String marker = request.parameter("marker");
        List<String> include = List.of(request.parameter("include").toLowerCase(Locale.ROOT).split(","));
        include.stream().filter(part -> !LISTABLE.contains(part)).findFirst().ifPresent(part -> {
            throw StorageException.notImplemented("'include=%s' in a listing".formatted(part));
        });
        int max = QueueRequests.number(request, "maxresults", LIST_MAX, 1, Integer.MAX_VALUE);
        BlobStore.Listing listing = blobs.list(container, prefix, delimiter, marker, Math.min(max, LIST_MAX));
        Xml xml = new Xml().open("EnumerationResults").attribute("ContainerName", name(container))
                .leafUnlessEmpty("Prefix", prefix).leafUnlessEmpty("Marker", marker)
                .leafUnlessEmpty("MaxResults", request.parameter("maxresults")).leafUnlessEmpty("Delimiter", delimiter)
                .open("Blobs");
        for (StoredBlob blob : listing.blobs()) {
            writeBlob(xml, blob, include.contains("metadata"));
        }
        for (String group : listing.prefixes()) {
            xml.open("BlobPrefix").leaf("Name", group).close();
        }
        xml.close().leaf("NextMarker", listing.next().orElse("")).close();
        reply.xml(200, xml.bytes());
    }

    private static void writeBlob(Xml xml, StoredBlob blob, boolean withMetadata) {
        Map<String, String> headers = blob.properties().headers();
        xml.open("Blob").leaf("Name", blob.name()).open("Properties")
                .leaf("Creation-Time", Reply.date(blob.createdOn()))
                .leaf("Last-Modified", Reply.date(blob.lastModified()))
                .leaf("Etag", blob.etag().replace("\"", ""))
                .leaf("Content-Length", Long.toString(blob.sizeBytes()))
                .leaf("Content-Type", headers.getOrDefault("Content-Type", "application/octet-stream"))
                .leaf("Content-Encoding", headers.getOrDefault("Content-Encoding", ""))
                .leaf("Content-Language", headers.getOrDefault("Content-Language", ""))
                .leaf("Content-MD5", headers.getOrDefault("Content-MD5", ""))
                .leaf("Cache-Control", headers.getOrDefault("Cache-Control", ""))
                .leaf("Content-Disposition", headers.getOrDefault("Content-Disposition", ""))
                .leaf("BlobType", "BlockBlob")
                .leaf("LeaseStatus", "unlocked")
                .leaf("LeaseState", "available")
                .leaf("ServerEncrypted", "false")
                .close();
        if (withMetadata) {
            writeMetadata(xml, blob.properties().metadata());
        }
        xml.close();
    }

    private static void writeMetadata(Xml xml, Map<String, String> metadata) {
        xml.open("Metadata");
        metadata.forEach(xml::leaf);
        xml.close();
    }

    void blockList(String container, String blob, StorageRequest request, Reply reply) {
        Optional<StoredBlob> stored = blobs.find(container, blob);
        List<StagedBlock> staged = blobs.stagedBlocks(container, blob);
        if (stored.isEmpty() && staged.isEmpty()) {
            throw StorageException.noBlob(container, blob);
        }
        String type = request.parameter("blocklisttype").isEmpty() ? "committed" : request.parameter("blocklisttype");
        if (!Set.of("committed", "uncommitted", "all").contains(type)) {
            throw new StorageException(StorageCode.INVALID_QUERY_PARAMETER_VALUE,
                    "'blocklisttype' is '%s'; committed, uncommitted and all are known.".formatted(type));
        }
        Xml xml = new Xml().open("BlockList");
        if (!type.equals("uncommitted")) {
            xml.open("CommittedBlocks");
            stored.ifPresent(found -> found.blocks().forEach(block -> writeBlock(xml, block.id(), block.sizeBytes())));
            xml.close();
        }
        if (!type.equals("committed")) {
            xml.open("UncommittedBlocks");
            staged.forEach(block -> writeBlock(xml, block.id(), block.sizeBytes()));
            xml.close();
        }
        stored.ifPresent(found -> reply.version(found.etag(), found.lastModified()));
        reply.header("x-ms-blob-content-length", Long.toString(stored.map(StoredBlob::sizeBytes).orElse(0L)));
        reply.xml(200, xml.close().bytes());
    }

    private static void writeBlock(Xml xml, String id, long sizeBytes) {
        xml.open("Block").leaf("Name", id).leaf("Size", Long.toString(sizeBytes)).close();
    }
}
