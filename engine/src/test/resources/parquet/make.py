# Made types.parquet and int96.parquet: a column of each physical and logical type, a value and a null.  pip install pyarrow==26.0.1
import pyarrow as pa, pyarrow.parquet as pq, decimal, datetime, uuid
D=decimal.Decimal
t=datetime.datetime(2014,5,25,8,20,3,123456)
def three(v, ty): return pa.array([v, None], type=ty)
cols={
 'bool': three(True, pa.bool_()),
 'int8': three(-8, pa.int8()), 'int16': three(-16, pa.int16()), 'int32': three(-32, pa.int32()), 'int64': three(-6400000000, pa.int64()),
 'uint8': three(200, pa.uint8()), 'uint16': three(60000, pa.uint16()), 'uint32': three(4000000000, pa.uint32()), 'uint64': three(18446744073709551615, pa.uint64()),
 'half': pa.array([1.5,None], type=pa.float16()) , 'float': three(1.5, pa.float32()), 'double': three(-2.25, pa.float64()),
 'decimal_int32': three(D('12.34'), pa.decimal128(9,2)), 'decimal_int64': three(D('1234567.89'), pa.decimal128(18,2)), 'decimal_fixed': three(D('12345678901234567890.12'), pa.decimal128(38,2)),
 'ts_ms': three(t, pa.timestamp('ms')), 'ts_us': three(t, pa.timestamp('us')), 'ts_ns': three(1400000000123456789, pa.timestamp('ns')), 'ts_us_utc': three(t, pa.timestamp('us', tz='UTC')),
 'date': three(datetime.date(2014,5,25), pa.date32()), 'time_ms': three(datetime.time(1,2,3,4000), pa.time32('ms')), 'time_us': three(datetime.time(1,2,3,4), pa.time64('us')), 'time_ns': pa.array([3723000000700,None], type=pa.time64('ns')),
 'text': three('12', pa.string()), 'binary': three(b'ab', pa.binary()), 'fixed': three(b'abcd', pa.binary(4)),
 'enum': pa.array(['red', None]).dictionary_encode(),
 'list': three([1,None,3], pa.list_(pa.int32())), 'map': three([('a',1)], pa.map_(pa.string(), pa.int64())),
 'struct': three({'x':1,'y':'z'}, pa.struct([('x',pa.int64()),('y',pa.string())])),
}
storage=pa.array([uuid.UUID('74be27de-1e4e-49d9-b579-fe0b331d3642').bytes,None],type=pa.binary(16))
cols['uuid']=pa.ExtensionArray.from_storage(pa.uuid(), storage)
cols['json']=pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": [1]}',None]))
pq.write_table(pa.table(cols), 'types.parquet', compression='snappy', use_deprecated_int96_timestamps=False, store_schema=False, version='2.6', store_decimal_as_integer=True)
pq.write_table(pa.table({'int96': three(t, pa.timestamp('ns'))}), 'int96.parquet', use_deprecated_int96_timestamps=True, store_schema=False)
