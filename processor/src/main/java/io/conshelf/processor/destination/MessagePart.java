package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;

/// What destinations take of messages, and how they say that it is not there.
final class MessagePart {
    private MessagePart() {}

    static MessageFormat format(FormatDefinition definition) throws StoreException {
        try {
            return MessageFormat.of(definition);
        } catch (FormatException e) {
            throw StoreException.user("InvalidFormat", e.getMessage());
        }
    }

    static byte[] encoded(MessageFormat format, FormatDefinition definition, Value message) throws StageException {
        Value part = definition.path().read(message).orElseThrow(() ->
                new StageException("MissingValue", "the message has nothing at '" + definition.path() + "'"));
        try {
            return format.encode(part);
        } catch (FormatException e) {
            throw new StageException("FormatError", e.getMessage());
        }
    }

    /// @param what it is for
    static String text(Field field, Value message, String what) throws StageException {
        Value value = field.of(message).orElseThrow(() -> new StageException("MissingValue", "the message has nothing for " + what));
        return value instanceof Value.Text(String text) ? text : JsonText.write(value);
    }

    static DestinationException failure(StoreException e) {
        return new DestinationException(e.fault() == StoreException.Fault.USER ? Lasting.PERMANENT : Lasting.TRANSIENT, e.code() + ": " + e.getMessage(), e);
    }
}
