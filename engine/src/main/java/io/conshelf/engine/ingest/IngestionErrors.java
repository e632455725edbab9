package io.conshelf.engine.ingest;

import io.conshelf.engine.ServiceError;
import java.io.EOFException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// Ingestion's errors with the service's codes.
public final class IngestionErrors {
    private static final String DATA = "Kusto.DataNode.Exceptions.";
    private static final String CLIENT = "Kusto.Data.Exceptions.";

    private IngestionErrors() {}

    static ServiceError formatNotSupported(String format) {
        return permanent("BadRequest_FormatNotSupported", CLIENT + "KustoBadRequestException",
                "The format '" + format + "' is not supported; supported are csv, tsv, psv, scsv, sohsv, tsve, txt, raw, json, "
                        + "multijson, singlejson, avro, apacheavro, w3clogfile, parquet and orc.");
    }

    /// @param table as the client wrote it
    static ServiceError streamingDisabled(String database, String table) {
        return permanent("BadRequest_StreamingIngestionPolicyNotEnabled", DATA + "StreamingIngestionRequestException",
                "Bad streaming ingestion request to " + database + "." + table
                        + " : streaming ingestion is disabled, the policy StreamingIngestion is not enabled for the table or"
                        + " its database. Enable it with: .alter table " + table + " policy streamingingestion enable");
    }

    /// For what cannot be streamed for another reason than the policy.
    static ServiceError badStreaming(String database, String table, String reason) {
        return permanent("General_BadRequest", DATA + "StreamingIngestionRequestException",
                "Bad streaming ingestion request to " + database + "." + table + " : " + reason);
    }

    static ServiceError streamingThrottled(String database, String table, int atOnce) {
        return new ServiceError(429, "General_ThrottledIngestion", CLIENT + "KustoRequestThrottledException",
                "Streaming ingestion request to " + database + "." + table + " was throttled: " + atOnce
                        + " requests are being read already; repeat it later.",
                false, Optional.empty());
    }

    static ServiceError requestTooLarge(long bytesMax) {
        return new ServiceError(413, "PayloadTooLarge", CLIENT + "KustoRequestPayloadTooLargeException",
                "The request has more than " + bytesMax + " bytes, the most that one streaming ingestion may have"
                        + " uncompressed; use queued ingestion.",
                true, Optional.empty());
    }

    static ServiceError wrongNumberOfFields(long record, long position, int expected, int found) {
        return permanent("Stream_WrongNumberOfFields", CLIENT + "IngestClientException",
                "Stream has a malformed Csv format, failing per ValidationOptions policy with errorCode='0x80DA0008"
                        + " E_WRONG_NUMBER_OF_FIELDS': CSV has an inconsistent number of fields per line -- Offending"
                        + " record: " + record + " (start position in stream: " + position + "), fieldsCount: " + expected
                        + ", currentRecordFieldCount: " + found);
    }

    static ServiceError textAfterClosingQuote(long record, long position, int field) {
        return permanent("Stream_WrongNumberOfFields", CLIENT + "IngestClientException",
                "Stream has a malformed Csv format, failing per ValidationOptions policy with errorCode='0x80DA0008"
                        + " E_WRONG_NUMBER_OF_FIELDS': text follows the closing quote of a field; quotes inside a field are"
                        + " doubled, backslash escapes nothing -- Offending record: " + record
                        + " (start position in stream: " + position + "), field: " + field);
    }

    static ServiceError closingQuoteMissing(long record, long position, int field) {
        return permanent("Stream_ClosingQuoteMissing", CLIENT + "IngestClientException",
                "Stream has a malformed Csv format, failing per ValidationOptions policy with errorCode='0x80DA000B"
                        + " E_CLOSING_QUOTE_MISSING': a quote is opened and not closed -- Offending record: " + record
                        + " (start position in stream: " + position + "), field: " + field);
    }

    static ServiceError inputTooLarge(String what, long max) {
        return permanent("Stream_InputStreamTooLarge", CLIENT + "IngestClientException",
                "errorCode='0x80DA0009': " + what + " is larger than " + max + " bytes.");
    }

    static ServiceError fileTooLarge(long max) {
        return permanent("BadRequest_FileTooLarge", CLIENT + "IngestClientException",
                "The source has more than " + max + " bytes uncompressed.");
    }

    static ServiceError invalidBlob(String reason) {
        return permanent("BadRequest_InvalidBlob", CLIENT + "IngestClientException", "The data cannot be read: " + reason);
    }

    /// What an exception says, or what it is where it says nothing.
    static String reason(IOException failure) {
        if (failure.getMessage() != null && !failure.getMessage().isBlank()) {
            return failure.getMessage();
        }
        return failure instanceof EOFException ? "it ends too early" : failure.getClass().getSimpleName();
    }

    static ServiceError invalidArchive(String reason) {
        return permanent("BadRequest_InvalidArchive", CLIENT + "IngestClientException",
                "The compressed data cannot be read: " + reason);
    }

    static ServiceError emptyArchive(Optional<String> pattern) {
        return permanent("BadRequest_EmptyArchive", CLIENT + "IngestClientException",
                "The archive holds no file" + pattern.map(p -> " that the zipPattern '" + p + "' matches").orElse("") + ".");
    }

    public static ServiceError malformedProperty(String name, String what) {
        return permanent("BadRequest_MalformedIngestionProperty", CLIENT + "KustoBadRequestException",
                "The ingestion property '" + name + "' " + what + ".");
    }

    static ServiceError tooOld(Instant creationTime, String table) {
        return permanent("BadRequest_CreationTimeEarlierThanSoftDeletePeriod", CLIENT + "KustoBadRequestException",
                "The creation time " + creationTime + " is earlier than the soft-delete period of table '" + table
                        + "' allows: its retention policy would drop the rows at once.");
    }

    static ServiceError otherType(long record, int column, String type) {
        return permanent("BadRequest_InvalidBlob", CLIENT + "IngestClientException",
                "Record " + record + ": what goes to column " + column + " is no " + type
                        + ", failing per ValidationOptions policy (ValidateCsvInputColumnLevelOnly).");
    }

    static ServiceError emptyBlob() {
        return permanent("BadRequest_EmptyBlob", CLIENT + "IngestClientException", "The source is empty.");
    }

    static ServiceError noRecords(String format, long skipped) {
        return permanent("BadRequest_NoRecordsOrWrongFormat", CLIENT + "IngestClientException",
                "The source has no records that can be read as '" + format + "'"
                        + (skipped == 0 ? "." : "; " + skipped + " were broken."));
    }

    /// What queued ingestion calls a table that there is not.
    static ServiceError tableNotExist(String table) {
        return permanent("BadRequest_TableNotExist", CLIENT + "EntityNotFoundException",
                "Entity '" + table + "' of kind 'Table' was not found.");
    }

    static ServiceError sourceNotFound(String file) {
        return permanent("Download_SourceNotFound", CLIENT + "IngestClientException", "Source '" + file + "' was not found.");
    }

    static ServiceError sourceUnreadable(String file, String reason) {
        return permanent("Download_NotTransient", CLIENT + "IngestClientException",
                "Source '" + file + "' cannot be read: " + reason);
    }

    public static ServiceError invalidMapping(String reason) {
        return permanent("BadRequest_InvalidMapping", CLIENT + "KustoBadRequestException",
                "The ingestion mapping is not valid: " + reason);
    }

    public static ServiceError duplicateMapping() {
        return permanent("BadRequest_DuplicateMapping", CLIENT + "KustoBadRequestException",
                "Both 'ingestionMapping' and 'ingestionMappingReference' are given; give one of them.");
    }

    static ServiceError otherMappingKind(String kind, String format) {
        return permanent("BadRequest_InconsistentMapping", CLIENT + "KustoBadRequestException",
                "The mapping kind '" + kind + "' is not the one that data in the format '" + format + "' is read by.");
    }

    static ServiceError inconsistentMapping(String column, String table) {
        return permanent("BadRequest_InconsistentMapping", CLIENT + "KustoBadRequestException",
                "The ingestion mapping names the column '" + column + "', which the table '" + table + "' does not have.");
    }

    static ServiceError inconsistentType(String column, String mapped, String actual) {
        return permanent("BadRequest_InconsistentMapping", CLIENT + "KustoBadRequestException",
                "The ingestion mapping gives the column '" + column + "' the type " + mapped + ", the table has " + actual
                        + ".");
    }

    static ServiceError mappingNotFound(String name, String kind, String table) {
        return permanent("BadRequest_MappingReferenceWasNotFound", CLIENT + "MappingNotFoundException",
                "Mapping reference '" + name + "' of type '" + kind + "' in table '" + table + "' could not be found.");
    }

    static ServiceError transformNotSupported(String transform, String format) {
        return permanent("BadRequest_InvalidMapping", CLIENT + "KustoBadRequestException",
                "The ingestion mapping is not valid: the transformation '" + transform + "' does not apply to " + format + ".");
    }

    private static ServiceError permanent(String code, String type, String message) {
        return new ServiceError(400, code, type, message, true, Optional.empty());
    }
}
