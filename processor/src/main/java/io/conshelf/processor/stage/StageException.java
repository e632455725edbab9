package io.conshelf.processor.stage;

/// A message that a stage can make nothing of.
public final class StageException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    /// @param code short and stable, for metrics' `error_code`
    public StageException(String code, String message) {
        super(message);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
