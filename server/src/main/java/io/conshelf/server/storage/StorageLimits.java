package io.conshelf.server.storage;

/// Every limit of the storage endpoints. The sizes are those of the service unless one machine calls for less.
///
/// @param blobBytesMax        largest blob, 413 `RequestBodyTooLarge`
/// @param blockBytesMax       largest block of a blob, 413 `RequestBodyTooLarge`
/// @param blocksMax           blocks committed into one blob, 400 `BlockListTooLong`
/// @param uncommittedBlocksMax blocks waiting for a block list in one blob, 409 `BlockCountExceedsLimit`
/// @param blobsMax            blobs in all containers, 503 `ServerBusy`
/// @param containersMax       containers, queues and tables, each, 503 `ServerBusy`
/// @param blobNameLengthMax   characters in a blob's name, 400 `InvalidResourceName`
/// @param metadataBytesMax    `x-ms-meta-*` names and values together, 400 `MetadataTooLarge`
/// @param messageBytesMax     one queue message, 413 `RequestBodyTooLarge`
/// @param messagesPerReceiveMax messages in one Get Messages, 400 `OutOfRangeQueryParameterValue`
/// @param queueBytesMax       all messages of all queues (they are held in memory), 503 `ServerBusy`
/// @param entityBytesMax      one entity, 400 `EntityTooLarge`
/// @param entityPropertiesMax properties of one entity, 400 `TooManyProperties`
/// @param entitiesPerPageMax  entities in one query answer; more follow by continuation
/// @param pageBytesMax        bytes of the entities in one query answer
/// @param tableBytesMax       all entities of all tables (they are held in memory), 503 `ServerBusy`
/// @param documentBytesMax    a request body that is parsed whole (XML, JSON), 413 `RequestBodyTooLarge`
/// @param diskFreeBytesMin    what uploads leave free on the disk, 507 `InsufficientStorage`
public record StorageLimits(
        long blobBytesMax,
        long blockBytesMax,
        int blocksMax,
        int uncommittedBlocksMax,
        int blobsMax,
        int containersMax,
        int blobNameLengthMax,
        int metadataBytesMax,
        int messageBytesMax,
        int messagesPerReceiveMax,
        long queueBytesMax,
        int entityBytesMax,
        int entityPropertiesMax,
        int entitiesPerPageMax,
        int pageBytesMax,
        long tableBytesMax,
        int documentBytesMax,
        long diskFreeBytesMin) {

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    public static StorageLimits standard() {
        return new StorageLimits(
                64L * 1024 * MIB,
                4000L * MIB,
                50_000,
                100_000,
                1_000_000,
                10_000,
                1024,
                8 * KIB,
                64 * KIB,
                32,
                256L * MIB,
                MIB,
                255,
                1000,
                4 * MIB,
                256L * MIB,
                8 * MIB,
                512L * MIB);
    }
}
