using Xunit;

namespace TokenBroker.Tests.Fuzzing;

/// <summary>
/// Strangers' bytes on every surface. A plain run takes seconds; <c>TOKENBROKER_FUZZ=10000000</c> gives the number of
/// executions for all four together, and the output tells the share that got past parsing. <c>CsCheck_Seed</c> repeats a failure.
/// </summary>
public class FuzzingTests
{
    [Fact]
    public Task No_target_and_no_header_goes_elsewhere_or_beyond_the_policy() => new FuzzRun<TargetCase>(new TargetSurface()).RunAsync();

    [Fact]
    public Task No_batch_has_a_part_that_was_not_judged() => new FuzzRun<BatchCase>(new BatchSurface()).RunAsync();

    [Fact]
    public Task No_request_is_taken_for_signed_that_is_not() => new FuzzRun<SignedCase>(new SignedSurface()).RunAsync();

    [Fact]
    public Task No_answer_of_the_identity_endpoint_becomes_a_token_that_cannot_be_used() => new FuzzRun<AnswerCase>(new AnswerSurface()).RunAsync();
}
