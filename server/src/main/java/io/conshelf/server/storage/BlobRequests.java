package io.conshelf.server.storage;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// The blob service over HTTP: who may do what, and what changes blobs. Reading is in [BlobReads].
final class BlobRequests {
    /// Headers that ask for something this storage doesn't have; taken as if they weren't there, they would mislead.
    static final Map<String, StorageCode> REFUSED_HEADERS = Map.of(
            "x-ms-lease-id", StorageCode.LEASE_NOT_PRESENT,
            "x-ms-encryption-key", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-encryption-scope", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-tags", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-if-tags", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-content-crc64", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-structured-body", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-legal-hold", StorageCode.UNSUPPORTED_HEADER,
            "x-ms-immutability-policy-until-date", StorageCode.UNSUPPORTED_HEADER);

    /// The content headers a blob keeps, each with the request header that sets it and the plain one that may stand in for it.
    private static final List<String> CONTENT_HEADERS = List.of(
            "Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Content-MD5", "Cache-Control");

    private final BlobStore blobs;
    private final BlobReads reads;
    private final Authorizer authorizer;
    private final ClientHosts hosts;
    private final StorageLimits limits;

    BlobRequests(BlobStore blobs, Authorizer authorizer, ClientHosts hosts, StorageLimits limits) {
        this.blobs = blobs;
        this.reads = new BlobReads(blobs);
        this.authorizer = authorizer;
        this.hosts = hosts;
        this.limits = limits;
    }

    void handle(StorageRequest request, Grant grant, Reply reply) throws IOException {
        REFUSED_HEADERS.forEach((name, code) -> {
            if (request.header(name).isPresent()) {
                throw new StorageException(code, "The request has the header '%s', which the embedded storage doesn't offer.".formatted(name));
            }
        });
        for (String parameter : List.of("snapshot", "versionid")) {
            if (!request.parameter(parameter).isEmpty()) {
                throw StorageException.notImplemented("'%s' (earlier states of a blob)".formatted(parameter));
            }
        }
        String container = request.address().container();
        String blob = request.address().rest();
        String operation = request.method() + (request.parameter("comp").isEmpty() ? "" : " " + request.parameter("comp"));
        if (request.address().resourceName().isEmpty()) {
            account(operation, request, grant, reply);
        } else if (blob.isEmpty()) {
            container(container, operation, request, grant, reply);
        } else {
            blob(container, blob, operation, request, grant, reply);
        }
    }

    private void account(String operation, StorageRequest request, Grant grant, Reply reply) {
        if (!operation.equals("GET list")) {
            throw StorageException.notImplemented("'%s' on the blob account".formatted(operation));
        }
        grant.require(Requirement.service(SasPermission.LIST));
        reads.listContainers(request, reply);
    }

    private void container(String container, String operation, StorageRequest request, Grant grant, Reply reply) {
        if (!request.asks("restype", "container")) {
            throw StorageException.notImplemented("'%s' on a blob in the root container".formatted(operation));
        }
        switch (operation) {
            case "PUT" -> {
                grant.require(Requirement.container(SasPermission.CREATE, SasPermission.WRITE));
                if (!blobs.createContainer(container, request.metadata(limits))) {
                    throw new StorageException(StorageCode.CONTAINER_ALREADY_EXISTS, "Container '%s' exists already.".formatted(container));
                }
                BlobContainer created = existing(container);
                reply.version(created.etag(), created.lastModified()).send(201);
            }
            case "GET", "HEAD", "GET metadata", "HEAD metadata" -> {
                grant.require(Requirement.container(SasPermission.READ));
                BlobContainer found = existing(container);
                reply.version(found.etag(), found.lastModified()).metadata(found.metadata())
                        .header("x-ms-lease-status", "unlocked").header("x-ms-lease-state", "available")
                        .header("x-ms-has-immutability-policy", "false").header("x-ms-has-legal-hold", "false")
                        .send(200);
            }
            case "PUT metadata" -> {
                grant.require(Requirement.container(SasPermission.WRITE));
                BlobContainer described = blobs.describeContainer(container, request.metadata(limits));
                reply.version(described.etag(), described.lastModified()).send(200);
            }
            case "DELETE" -> {
                grant.require(Requirement.container(SasPermission.DELETE));
                if (!blobs.dropContainer(container)) {
                    throw StorageException.noContainer(container);
                }
                reply.send(202);
            }
            case "GET list" -> {
                grant.require(Requirement.inside(SasPermission.LIST));
                reads.listBlobs(container, request, reply);
            }
            default -> throw StorageException.notImplemented("'%s' on a container".formatted(operation));
        }
    }

    private BlobContainer existing(String container) {
        return blobs.container(container).orElseThrow(() -> StorageException.noContainer(container));
    }

    private void blob(String container, String blob, String operation, StorageRequest request, Grant grant, Reply reply) throws IOException {
        switch (operation) {
            case "GET", "HEAD" -> {
                grant.require(Requirement.object(SasPermission.READ));
                reads.get(container, blob, request, reply);
            }
            case "GET metadata", "HEAD metadata" -> {
                grant.require(Requirement.object(SasPermission.READ));
                reads.metadata(container, blob, request, reply);
            }
            case "GET blocklist" -> {
                grant.require(Requirement.object(SasPermission.READ));
                reads.blockList(container, blob, request, reply);
            }
            case "PUT" -> {
                grant.require(Requirement.object(SasPermission.CREATE, SasPermission.WRITE));
                if (request.header("x-ms-copy-source").isPresent()) {
                    copy(container, blob, request, grant, reply);
                } else {
                    put(container, blob, request, grant, reply);
                }
            }
            case "PUT block" -> {
                grant.require(Requirement.object(SasPermission.CREATE, SasPermission.WRITE));
                putBlock(container, blob, request, grant, reply);
            }
            case "PUT blocklist" -> {
                grant.require(Requirement.object(SasPermission.CREATE, SasPermission.WRITE));
                putBlockList(container, blob, request, grant, reply);
            }
            case "PUT metadata" -> {
                grant.require(Requirement.object(SasPermission.WRITE));
                describe(container, blob, request, reply,
                        former -> new BlobProperties(former.headers(), request.metadata(limits)));
            }
            case "PUT properties" -> {
                grant.require(Requirement.object(SasPermission.WRITE));
                describe(container, blob, request, reply,
                        former -> new BlobProperties(contentHeaders(request, Fallback.NONE), former.metadata()));
            }
            case "DELETE" -> {
                grant.require(Requirement.object(SasPermission.DELETE));
                blobs.delete(container, blob, Conditions.of(request)::checkWrite);
                reply.header("x-ms-delete-type-permanent", "true").send(202);
            }
            default -> throw StorageException.notImplemented("'%s' on a blob".formatted(operation));
        }
    }

    private void put(String container, String blob, StorageRequest request, Grant grant, Reply reply) throws IOException {
        requireBlockBlob(request);
        BlobProperties properties = new BlobProperties(contentHeaders(request, Fallback.PLAIN), request.metadata(limits));
        StoredBlob stored;
        try (InputStream body = UploadStream.of(request)) {
            stored = blobs.put(container, blob, body, properties, condition(request, grant));
        }
        written(stored, reply).send(201);
    }

    private static void requireBlockBlob(StorageRequest request) {
        String type = request.header("x-ms-blob-type").orElseThrow(() -> new StorageException(
                StorageCode.MISSING_REQUIRED_HEADER, "The header 'x-ms-blob-type' is missing; 'BlockBlob' is offered."));
        if (!type.equals("BlockBlob")) {
            throw StorageException.notImplemented("Blob type '%s' (x-ms-blob-type), unlike 'BlockBlob',".formatted(type));
        }
    }

    private void putBlock(String container, String blob, StorageRequest request, Grant grant, Reply reply) throws IOException {
        if (request.header("x-ms-copy-source").isPresent()) {
            throw StorageException.notImplemented("Put Block From URL");
        }
        condition(request, grant).check(blobs.find(container, blob));
        try (InputStream body = UploadStream.of(request)) {
            blobs.stageBlock(container, blob, request.parameter("blockid"), body);
        }
        request.header("content-md5").ifPresent(md5 -> reply.header("Content-MD5", md5));
        reply.send(201);
    }

    private void putBlockList(String container, String blob, StorageRequest request, Grant grant, Reply reply) throws IOException {
        List<BlobStore.BlockReference> references = new ArrayList<>();
        byte[] document;
        try (InputStream body = UploadStream.of(request)) {
            document = body.readNBytes(limits.documentBytesMax());
            if (body.read() >= 0) {
                throw new StorageException(StorageCode.REQUEST_BODY_TOO_LARGE,
                        "The block list is larger than %d bytes.".formatted(limits.documentBytesMax()));
            }
        }
        for (Xml.Leaf leaf : Xml.leaves(document, "BlockList")) {
            references.add(new BlobStore.BlockReference(source(leaf.name()), leaf.text().strip()));
        }
        // the plain content headers are about the list; only the x-ms-blob-* ones are about the blob
        BlobProperties properties = new BlobProperties(contentHeaders(request, Fallback.NONE), request.metadata(limits));
        written(blobs.commitBlocks(container, blob, references, properties, condition(request, grant)), reply).send(201);
    }

    private static BlobStore.BlockReference.Source source(String element) {
        return switch (element) {
            case "Committed" -> BlobStore.BlockReference.Source.COMMITTED;
            case "Uncommitted" -> BlobStore.BlockReference.Source.UNCOMMITTED;
            case "Latest" -> BlobStore.BlockReference.Source.LATEST;
            default -> throw new StorageException(StorageCode.INVALID_XML_DOCUMENT,
                    "The block list has an element '%s'; Committed, Uncommitted and Latest are known.".formatted(element));
        };
    }

    /// Copies within this server, at once: the answer says `success`, so nobody has to poll.
    private void copy(String container, String blob, StorageRequest request, Grant grant, Reply reply) throws IOException {
        boolean isPutFromUrl = request.header("x-ms-blob-type").isPresent();
        StorageResource.Blob source = copySource(request.headerOrEmpty("x-ms-copy-source"), request, grant);
        StoredBlob stored;
        try (BlobStore.OpenBlob open = blobs.open(source.container(), source.name());
                InputStream in = Channels.newInputStream(open.channel())) {
            Map<String, String> metadata = request.metadata(limits);
            Map<String, String> headers = new LinkedHashMap<>(open.blob().properties().headers());
            headers.putAll(contentHeaders(request, Fallback.NONE));
            BlobProperties properties = new BlobProperties(headers, metadata.isEmpty() ? open.blob().properties().metadata() : metadata);
            stored = blobs.put(container, blob, in, properties, condition(request, grant));
        }
        reply.header("x-ms-copy-id", UUID.randomUUID().toString()).header("x-ms-copy-status", "success");
        written(stored, reply).send(isPutFromUrl ? 201 : 202);
    }

    private StorageResource.Blob copySource(String source, StorageRequest request, Grant grant) {
        StorageAddress target = request.address();
        try {
            URI uri = new URI(source);
            Optional<StorageAddress> address = hosts.address(uri, path -> StorageAddress.parse(path).or(() -> StorageAddress.parseNamed(path)))
                    .filter(named -> !named.isNamed() || named.owner().equals(target.owner()));
            Optional<StorageResource> resource = address.flatMap(StorageAddress::resource);
            if (resource.isPresent() && resource.get() instanceof StorageResource.Blob found) {
                Map<String, String> query = UriText.query(uri.getRawQuery() == null ? "" : uri.getRawQuery());
                // who asks for a copy is whom the source's signature may be for; a request with the account's key may read every blob of the account; any other must bring a SAS for it
                Grant reading = SasToken.isIn(query) ? authorizer.bySas(address.get(), query, request.caller()) : grant;
                boolean isSameAccount = address.get().owner().equals(target.owner());
                if (SasToken.isIn(query) || isSameAccount && grant instanceof Grant.Everything) {
                    reading.require(Requirement.object(SasPermission.READ));
                    return found;
                }
            }
        } catch (URISyntaxException _) {
            // the same refusal
        }
        throw new StorageException(StorageCode.CANNOT_VERIFY_COPY_SOURCE,
                "The copy source is not a blob of this server that the request may read; bring a SAS for it.");
    }

    private void describe(
            String container, String blob, StorageRequest request, Reply reply, UnaryOperator<BlobProperties> change) {
        written(blobs.describe(container, blob, change, Conditions.of(request)::checkWrite), reply).send(200);
    }

    private static Reply written(StoredBlob stored, Reply reply) {
        Optional.ofNullable(stored.properties().headers().get("Content-MD5")).ifPresent(md5 -> reply.header("Content-MD5", md5));
        return reply.version(stored.etag(), stored.lastModified()).header("x-ms-request-server-encrypted", "false");
    }

    /// What the request asks for, and that `c` without `w` makes blobs and doesn't overwrite them.
    private static BlobCondition condition(StorageRequest request, Grant grant) {
        Conditions conditions = Conditions.of(request);
        return current -> {
            conditions.checkWrite(current);
            if (current.isPresent() && !grant.has(SasPermission.WRITE)) {
                throw new StorageException(StorageCode.UNAUTHORIZED_BLOB_OVERWRITE,
                        "Blob '%s' exists; overwriting it needs the permission 'w'.".formatted(current.get().name()));
            }
        };
    }

    private enum Fallback { NONE, PLAIN }

    private static Map<String, String> contentHeaders(StorageRequest request, Fallback fallback) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : CONTENT_HEADERS) {
            String own = "x-ms-blob-" + name.toLowerCase(Locale.ROOT);
            Optional<String> value = request.header(own);
            if (value.isEmpty() && fallback == Fallback.PLAIN) {
                value = request.header(name);
            }
            value.filter(text -> !text.isEmpty()).ifPresent(text -> headers.put(name, text));
        }
        return headers;
    }
}
