package io.conshelf.engine.ingest;

import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.ResolvingDecoder;

/// Reads records of a file whose schema has values that take no bytes, and bounds how many there are: the bytes of the file do not.
final class CountingAvroReader extends GenericDatumReader<Object> {
    /// In one record; a cell holds fewer.
    static final int VALUES_MAX = 1 << 20;

    private int values;

    private CountingAvroReader(GenericData data) {
        super(data);
    }

    /// As fast as the library's own until [#count] is asked for: a schema is known only when the file is open.
    static CountingAvroReader create() {
        return new CountingAvroReader(new GenericData());
    }

    /// From the next record on.
    void count() {
        // The fast one goes by other ways than what is overridden here.
        getData().setFastReaderEnabled(false);
    }

    @Override
    public Object read(Object reuse, Decoder in) throws IOException {
        values = 0;
        return super.read(reuse, in);
    }

    @Override
    protected Object readWithoutConversion(Object old, Schema expected, ResolvingDecoder in) throws IOException {
        if (AvroSchemas.mayTakeNoBytes(expected) && ++values > VALUES_MAX) {
            throw new AvroRuntimeException("a record has more than " + VALUES_MAX + " values that take no bytes");
        }
        return super.readWithoutConversion(old, expected, in);
    }
}
