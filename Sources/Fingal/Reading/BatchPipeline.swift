/// Decodes blocks on several threads and hands the batches out in order.
///
/// Whoever is free takes the next block: the helper threads, and the caller of `next()` when its batch is not there
/// yet. Blocks are planned one at a time, in order, so that a plan may look at pages' bounds as it goes. What is in
/// flight is bounded in bytes and in number. Dropping the pipeline stops the threads after the block they are at.
package final class BatchPipeline {
  private let shared: Shared
  private let threads: [WorkerThread]

  /// - Parameters:
  ///   - schema: of the batches.
  ///   - plan: the next block, nil at the end; called by one thread at a time, never again after nil or an error.
  ///   - decode: fills an empty batch with a block; called by several threads at once.
  package init(
    schema: Schema, options: BatchOptions, plan: @escaping @Sendable () throws(FingalError) -> ReadBlock?,
    decode: @escaping @Sendable (ReadBlock, inout EventBatch) throws(FingalError) -> Void
  ) {
    let shared = Shared(schema: schema, options: options, plan: plan, decode: decode)
    self.shared = shared
    // A system without threads left is slower, not wrong: the caller decodes what no helper does.
    threads = (1..<max(1, options.threads)).compactMap { _ in WorkerThread { shared.help() } }
  }

  deinit {
    shared.cancel()
    for thread in threads { thread.join() }
  }

  /// The next batch in order that has events; nil at the end, and after an error.
  package func next() throws(FingalError) -> EventBatch? {
    while true {
      switch shared.next() {
      case .success(nil): return nil
      case .success(let batch?): if batch.eventCount > 0 { return batch }
      case .failure(let error): throw error
      }
    }
  }
}

/// What the threads share; everything mutable is guarded by the monitor.
private final class Shared: @unchecked Sendable {
  private let schema: Schema
  private let options: BatchOptions
  private let plan: @Sendable () throws(FingalError) -> ReadBlock?
  private let decode: @Sendable (ReadBlock, inout EventBatch) throws(FingalError) -> Void
  private let monitor = Monitor()

  private struct Finished {
    var result: Result<EventBatch, FingalError>
    var buffers: BatchBuffers?
    var byteCount: Int
  }

  private var finished: [Int: Finished] = [:]
  /// Tickets number the blocks: the next to be given to a thread, and the next to be handed out.
  private var nextTicket = 0
  private var nextOut = 0
  private var bytesInFlight = 0
  private var blocksInFlight = 0
  private var isPlanning = false
  private var planEnded = false
  private var isCancelled = false
  private var pool: [BatchBuffers] = []
  /// What the caller holds: given back when it asks for the next batch.
  private var handedOut: (buffers: BatchBuffers, byteCount: Int)?

  init(
    schema: Schema, options: BatchOptions, plan: @escaping @Sendable () throws(FingalError) -> ReadBlock?,
    decode: @escaping @Sendable (ReadBlock, inout EventBatch) throws(FingalError) -> Void
  ) {
    self.schema = schema
    self.options = options
    self.plan = plan
    self.decode = decode
  }

  /// A block may be begun; only inside the monitor.
  private var hasRoom: Bool {
    blocksInFlight == 0 || (bytesInFlight < options.memory && blocksInFlight < 2 * options.threads)
  }

  /// What a helper thread does until nothing is left.
  func help() {
    while true {
      let mayWork = monitor.locked {
        while !planEnded, !isCancelled, isPlanning || !hasRoom { monitor.wait() }
        if planEnded || isCancelled { return false }
        isPlanning = true
        return true
      }
      if !mayWork { return }
      work()
    }
  }

  func next() -> Result<EventBatch?, FingalError> {
    giveBack()
    while true {
      enum Step {
        case out(Finished)
        case work
        case end
      }
      let step: Step = monitor.locked {
        while true {
          if isCancelled { return .end }
          if let done = finished.removeValue(forKey: nextOut) {
            nextOut += 1
            return .out(done)
          }
          if planEnded, nextOut == nextTicket { return .end }
          if !planEnded, !isPlanning, hasRoom {
            isPlanning = true
            return .work
          }
          monitor.wait()
        }
      }
      switch step {
      case .end: return .success(nil)
      case .work: work()
      case .out(let done):
        switch done.result {
        case .failure(let error):
          cancel()
          return .failure(error)
        case .success(let batch):
          if let buffers = done.buffers { monitor.locked { handedOut = (buffers, done.byteCount) } }
          return .success(batch)
        }
      }
    }
  }

  /// The caller is done with its batch: its memory may be filled again.
  private func giveBack() {
    monitor.locked {
      guard let (buffers, byteCount) = handedOut else { return }
      handedOut = nil
      pool.append(buffers)
      bytesInFlight -= byteCount
      blocksInFlight -= 1
      monitor.signal()
    }
  }

  func cancel() {
    monitor.locked {
      isCancelled = true
      finished.removeAll()
      pool.removeAll()
      monitor.signal()
    }
  }

  /// Plans and decodes one block; the caller has set `isPlanning`.
  private func work() {
    var planned: Result<ReadBlock?, FingalError>
    do throws(FingalError) { planned = .success(try plan()) } catch { planned = .failure(error) }
    var ticket = 0
    var buffers: BatchBuffers?
    monitor.locked {
      isPlanning = false
      switch planned {
      case .success(nil): planEnded = true
      case .failure(let error):
        planEnded = true
        finished[nextTicket] = Finished(result: .failure(error), buffers: nil, byteCount: 0)
        nextTicket += 1
      case .success(let block?):
        ticket = nextTicket
        nextTicket += 1
        bytesInFlight += block.byteCount
        blocksInFlight += 1
        buffers = pool.popLast()
      }
      monitor.signal()
    }
    guard case .success(let block?) = planned else { return }
    let used = buffers ?? BatchBuffers(schema)
    var batch = used.emptyBatch(schema)
    var result: Result<EventBatch, FingalError>
    do throws(FingalError) {
      try decode(block, &batch)
      result = .success(batch)
    } catch { result = .failure(error) }
    let done = Finished(result: result, buffers: used, byteCount: block.byteCount)
    monitor.locked {
      if !isCancelled { finished[ticket] = done }
      monitor.signal()
    }
  }
}

/// The columns of a batch that is filled again and again. A column that somebody still holds is left to them and
/// replaced, so that a batch never changes under its owner's hands.
///
/// A class, because a copy of the arrays would count as a holder of every column.
private final class BatchBuffers {
  private var counts: [ColumnValues]
  private var columns: [ColumnValues]

  init(_ schema: Schema) {
    counts = schema.collections.map { _ in ColumnValues(.uint32) }
    columns = schema.fields.map { ColumnValues($0.type) }
  }

  func emptyBatch(_ schema: Schema) -> EventBatch {
    for i in counts.indices {
      if isKnownUniquelyReferenced(&counts[i]) { counts[i].removeAll() } else { counts[i] = ColumnValues(.uint32) }
    }
    for i in columns.indices {
      if isKnownUniquelyReferenced(&columns[i]) {
        columns[i].removeAll()
      } else {
        columns[i] = ColumnValues(schema.fields[i].type)
      }
    }
    // Arrays of their own: the batch may go while the columns stay.
    return EventBatch(schema, eventCount: 0, counts: counts.map { $0 }, columns: columns.map { $0 })
  }
}
