package io.conshelf.server.management;

/// What a request is refused with, in the service's words.
final class Refusal extends Exception {
    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    static Refusal bad(String message) {
        return new Refusal(400, "BadRequest", message);
    }

    static Refusal notFound(String type, String name) {
        return new Refusal(404, "ResourceNotFound", "The resource '" + type + "/" + name + "' was not found.");
    }
}
