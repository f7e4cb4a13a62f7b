import FingalFuzzing

@c(LLVMFuzzerTestOneInput) public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.values.run(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}
