package io.conshelf.server.storage;

/// The service's error codes that the endpoints answer with, each with its status.
public enum StorageCode {
    ACCOUNT_UNKNOWN("ResourceNotFound", 404),
    AUTHENTICATION_FAILED("AuthenticationFailed", 403),
    AUTHORIZATION_FAILURE("AuthorizationFailure", 403),
    AUTHORIZATION_PERMISSION_MISMATCH("AuthorizationPermissionMismatch", 403),
    AUTHORIZATION_PROTOCOL_MISMATCH("AuthorizationProtocolMismatch", 403),
    AUTHORIZATION_RESOURCE_TYPE_MISMATCH("AuthorizationResourceTypeMismatch", 403),
    AUTHORIZATION_SERVICE_MISMATCH("AuthorizationServiceMismatch", 403),
    AUTHORIZATION_SOURCE_IP_MISMATCH("AuthorizationSourceIPMismatch", 403),
    BLOB_ALREADY_EXISTS("BlobAlreadyExists", 409),
    BLOB_NOT_FOUND("BlobNotFound", 404),
    BLOCK_COUNT_EXCEEDS_LIMIT("BlockCountExceedsLimit", 409),
    BLOCK_LIST_TOO_LONG("BlockListTooLong", 400),
    CANNOT_VERIFY_COPY_SOURCE("CannotVerifyCopySource", 403),
    CONDITION_NOT_MET("ConditionNotMet", 412),
    NOT_MODIFIED("ConditionNotMet", 304),
    CONTAINER_ALREADY_EXISTS("ContainerAlreadyExists", 409),
    CONTAINER_NOT_FOUND("ContainerNotFound", 404),
    ENTITY_ALREADY_EXISTS("EntityAlreadyExists", 409),
    ENTITY_TOO_LARGE("EntityTooLarge", 400),
    INSUFFICIENT_STORAGE("InsufficientStorage", 507),
    INTERNAL_ERROR("InternalError", 500),
    INVALID_BLOCK_ID("InvalidBlockId", 400),
    INVALID_BLOCK_LIST("InvalidBlockList", 400),
    INVALID_HEADER_VALUE("InvalidHeaderValue", 400),
    INVALID_INPUT("InvalidInput", 400),
    INVALID_MD5("InvalidMd5", 400),
    INVALID_METADATA("InvalidMetadata", 400),
    INVALID_QUERY_PARAMETER_VALUE("InvalidQueryParameterValue", 400),
    INVALID_RANGE("InvalidRange", 416),
    INVALID_RESOURCE_NAME("InvalidResourceName", 400),
    INVALID_URI("InvalidUri", 400),
    INVALID_XML_DOCUMENT("InvalidXmlDocument", 400),
    LEASE_NOT_PRESENT("LeaseNotPresentWithBlobOperation", 412),
    MD5_MISMATCH("Md5Mismatch", 400),
    MESSAGE_NOT_FOUND("MessageNotFound", 404),
    METADATA_TOO_LARGE("MetadataTooLarge", 400),
    MISSING_REQUIRED_HEADER("MissingRequiredHeader", 400),
    MISSING_REQUIRED_QUERY_PARAMETER("MissingRequiredQueryParameter", 400),
    NOT_IMPLEMENTED("NotImplemented", 501),
    OUT_OF_RANGE_QUERY_PARAMETER_VALUE("OutOfRangeQueryParameterValue", 400),
    POP_RECEIPT_MISMATCH("PopReceiptMismatch", 400),
    PROPERTIES_NEED_VALUE("PropertiesNeedValue", 400),
    QUEUE_ALREADY_EXISTS("QueueAlreadyExists", 409),
    QUEUE_NOT_FOUND("QueueNotFound", 404),
    REQUEST_BODY_TOO_LARGE("RequestBodyTooLarge", 413),
    RESOURCE_NOT_FOUND("ResourceNotFound", 404),
    SERVER_BUSY("ServerBusy", 503),
    TABLE_ALREADY_EXISTS("TableAlreadyExists", 409),
    TABLE_NOT_FOUND("TableNotFound", 404),
    TOO_MANY_PROPERTIES("TooManyProperties", 400),
    UNAUTHORIZED_BLOB_OVERWRITE("UnauthorizedBlobOverwrite", 403),
    UNSUPPORTED_HEADER("UnsupportedHeader", 400),
    UNSUPPORTED_HTTP_VERB("UnsupportedHttpVerb", 405),
    UPDATE_CONDITION_NOT_SATISFIED("UpdateConditionNotSatisfied", 412);

    private final String code;
    private final int status;

    StorageCode(String code, int status) {
        this.code = code;
        this.status = status;
    }

    /// The text in `x-ms-error-code` and in the body.
    public String code() {
        return code;
    }

    /// The HTTP status.
    public int status() {
        return status;
    }
}
