import Fingal
import FingalNet
import Glibc
import Synchronization
import Testing

@Suite struct WorkerTeamTests {
  /// Many short rounds: a lost wake-up would hang, a race would lose counts.
  @Test(arguments: [1, 2, 3, 8])
  func everyWorkerRunsOnceARound(count: Int) throws {
    let team = try WorkerTeam(count: count)
    let runs = (0..<count).map { _ in Counter() }
    for round in 1...2000 {
      try team.run { (worker) throws(FingalError) in runs[worker].value.add(1, ordering: .relaxed) }
      for run in runs { #expect(run.value.load(ordering: .relaxed) == round) }
    }
  }

  /// With pauses between the rounds the workers block, and wake up again.
  @Test func workersWakeUpAfterAPause() throws {
    let team = try WorkerTeam(count: 3)
    let total = Counter()
    for round in 1...5 {
      usleep(20_000)
      try team.run { (_) throws(FingalError) in total.value.add(1, ordering: .relaxed) }
      #expect(total.value.load(ordering: .relaxed) == 3 * round)
    }
  }

  /// While nothing is handed out the workers sleep: a hundredth of the time of burning would be seen here.
  @Test func waitingBurnsNoTime() throws {
    let team = try WorkerTeam(count: 4)
    let clocks = (0..<4).map { _ in Counter() }
    func note(_ sign: Int) throws {
      try team.run { (worker) throws(FingalError) in
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        clocks[worker].value.add(sign * (time.tv_sec * 1_000_000 + time.tv_nsec / 1000), ordering: .relaxed)
      }
    }
    try note(-1)
    usleep(400_000)
    try note(1)
    // Worker 0 is the calling thread, which may do other things.
    for clock in clocks.dropFirst() { #expect(clock.value.load(ordering: .relaxed) < 100_000) }
  }

  @Test func theFirstErrorIsThrownAndTheTeamGoesOn() throws {
    let team = try WorkerTeam(count: 4)
    let finished = Counter()
    let error = #expect(throws: FingalError.self) {
      try team.run { (worker) throws(FingalError) in
        if worker % 2 == 1 { throw FingalError(.usage, "worker \(worker)") }
        finished.value.add(1, ordering: .relaxed)
      }
    }
    #expect(error?.message == "worker 1")
    #expect(finished.value.load(ordering: .relaxed) == 2)
    try team.run { (_) throws(FingalError) in finished.value.add(1, ordering: .relaxed) }
    #expect(finished.value.load(ordering: .relaxed) == 6)
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }
}
