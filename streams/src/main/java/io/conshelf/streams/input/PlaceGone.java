package io.conshelf.streams.input;

/// The place at which an input was to be read on is not there any more, which no other attempt mends: whoever runs the job says where it begins anew.
public final class PlaceGone extends InputException {
    public PlaceGone(String message, Throwable cause) {
        super(message, cause);
    }
}
