// Takes each guard out of the source, one at a time and in a clone of its own, and shows that the test that vouches for it
// goes red:
//
//   node tests/guards/guards.mjs [PART-OF-A-NAME …]
//   node tests/guards/guards.mjs --fits     only whether every patch fits exactly one place; takes no time
//
// The product has no switch that turns a guard off; this is the only way to see one missing. The clone is of what is
// committed, lies in the system's directory for temporary files, and is gone afterwards. Takes about half a minute a guard.
// Each test first runs with all guards in place, since one that fails or is skipped there proves nothing.
// Exit code 0 only if every patch fitted exactly one place and every test failed. A guard whose test was skipped, as on a
// machine without Chromium, is reported as not proven, with what is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, judgeBefore, readRun } from './verdict.mjs';

const refused = 'Functional.RefusedRequestTests.It_is_refused_with_its_reason_and_storage_sees_nothing';
const spellings = 'Proxy.RequestedOperationTests.Spellings_of_one_request_want_the_same_and_what_could_be_two_is_unknown';
const credential = 'Functional.CredentialOperationTests.Operation_that_hands_out_a_credential_is_refused_in_every_spelling';
const unknown = 'Functional.CredentialOperationTests.Post_without_a_row_and_a_name_with_unusual_characters_are_refused';
const fuzzedTargets = 'Fuzzing.FuzzingTests.No_target_and_no_header_goes_elsewhere_or_beyond_the_policy';

const batchReader = 'Proxy.BatchReaderTests.What_could_be_read_in_two_ways_is_refused_whole_and_says_what_is_wrong';

const acrossOrigins = 'EndToEnd.Browser.CrossOriginTests.A_page_of_another_origin_reads_nothing_and_changes_nothing';
const rebound = 'EndToEnd.Browser.RebindingTests.After_rebinding_a_page_reads_only_that_it_is_refused_and_changes_nothing';

/** name, file under sidecar/, what is there, what stands there without the guard, the test (of EndToEnd, or else of TokenBroker.Tests). */
const guards = [
  ['peers beyond loopback', 'Proxy/CallerGuard.cs', 'peer is not null && IPAddress.IsLoopback(peer) ? null', 'true ? null', 'Proxy.CallerGuardTests.A_peer_that_is_not_on_this_host_is_refused'],
  ['foreign Host', 'Proxy/CallerGuard.cs', 'return _hosts.Allow(host, context.Connection.LocalPort) ? null : Refusal.HostNotAllowed;', 'return null;', refused],
  ['foreign Host of a page after DNS rebinding', 'Proxy/CallerGuard.cs', 'return _hosts.Allow(host, context.Connection.LocalPort) ? null : Refusal.HostNotAllowed;', 'return null;', rebound],
  ['pages of browsers', 'Proxy/CallerGuard.cs', 'return Refusal.BrowserRequest;', 'return null;', refused],
  ['pages of a browser itself', 'Proxy/CallerGuard.cs', 'return Refusal.BrowserRequest;', 'return null;', acrossOrigins],
  ['requests through other proxies', 'Proxy/CallerGuard.cs', 'return Refusal.ForwardedRequest;', 'return null;', refused],
  ['requests without a version', 'Proxy/CallerGuard.cs', 'return Refusal.VersionMissing;', 'return null;', refused],
  ['headers given twice', 'Proxy/CallerGuard.cs', 'if (name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))\n            return values.Count > 1 ? Refusal.HeaderRepeated : null;', 'if (name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))\n            return null;', refused],
  ['lengths that contradict each other', 'Proxy/CallerGuard.cs', 'return Refusal.LengthAmbiguous;', 'return null;', refused],
  ['other methods', 'Proxy/CallerGuard.cs', '(Methods.Contains(context.Request.Method) ? null : Refusal.MethodNotAllowed)', '(Methods.Count > 0 ? null : Refusal.MethodNotAllowed)', refused],
  ['the address of storage', 'Upstream/StorageAddress.cs', 'out address) && IsAt(endpoint, address);', 'out address);', 'Proxy.StorageAddressTests.What_would_change_the_host_is_never_sent'],
  ['memory of a query', 'Proxy/Addressing/BlobQuery.cs', "Math.Min(raw.AsSpan().Count('&'), QueryRules.MaxParameters) + 1", "raw.AsSpan().Count('&') + 1", 'Proxy.BlobQueryTests.Query_with_too_many_parameters_costs_no_memory'],
  ['dot segments', 'Proxy/Addressing/PathRules.cs', 'if (HasDotSegment(path.Raw))', 'if (HasDotSegment(path.Raw) && path.Raw.Length < 0)', 'Functional.RawTargetTests.Every_name_that_is_refused_says_why_and_storage_sees_nothing'],
  ['encoded names of parameters', 'Proxy/Addressing/QueryRules.cs', 'return Refusal.ParameterEncoded;', 'continue;', 'Proxy.QueryRulesTests.A_parameters_name_may_not_be_encoded'],
  ['parameters given twice', 'Proxy/Addressing/QueryRules.cs', 'return Refusal.ParameterRepeated;', 'continue;', 'Proxy.QueryRulesTests.A_parameter_may_not_be_given_twice'],
  ["the client's own credentials", 'Proxy/Rewriting/RequestRewriter.cs', '["Authorization", "Cookie", "Connection"', '["Cookie", "Connection"', 'Functional.ForwardingTests.A_request_reaches_storage_with_the_token_and_without_the_clients_own_signature'],
  ['redirects', 'Upstream/UpstreamClient.cs', 'AllowAutoRedirect = false', 'AllowAutoRedirect = true', 'Functional.ForwardingTests.Nothing_on_the_way_redirects_a_token'],
  ["storage's certificate", 'Upstream/UpstreamTrust.cs', 'if (errors == SslPolicyErrors.None)', 'if (errors >= SslPolicyErrors.None)', 'Functional.FailureTests.A_certificate_that_is_not_trusted_gets_no_token'],
  ["the name in storage's certificate", 'Upstream/UpstreamTrust.cs', 'errors != SslPolicyErrors.RemoteCertificateChainErrors ||', 'errors == SslPolicyErrors.RemoteCertificateNotAvailable ||', 'Functional.FailureTests.A_certificate_of_another_name_gets_no_token_even_from_a_trusted_authority'],
  ['dialling the sidecar itself', 'Upstream/StorageConnector.cs', 'throw new OwnListenerException();', '{ }', 'Functional.FailureTests.An_account_whose_address_is_the_sidecar_is_not_dialled'],
  ['dialling the sidecar by another form of its address', 'Upstream/OwnListeners.cs', 'address.IsIPv4MappedToIPv6 ? address.MapToIPv4()', 'address.IsIPv4MappedToIPv6 ? address', 'Upstream.OwnListenersTests.Address_that_leads_to_a_listener_is_its_own'],
  ['dialling the sidecar by another address of its host', 'Upstream/OwnListeners.cs', '|| IsOfThisHost(target)', '', 'Upstream.OwnListenersTests.Listener_on_every_address_is_reached_at_each_of_this_hosts'],
  ['addresses that are dialled at once', 'Upstream/AddressRace.cs', 'order[..Math.Min(order.Count, MaxAddresses)]', 'order', 'Upstream.AddressRaceTests.Number_of_addresses_is_bounded'],
  ["HttpClient's own retries", 'Upstream/UpstreamConnection.cs', 'Interlocked.Exchange(ref _state, Ended) == Awaiting)', 'Interlocked.Exchange(ref _state, Ended) == Awaiting && count > 0)', 'Upstream.UpstreamConnectionTests.Connection_that_is_lost_after_the_request_was_written_is_reported_with_whether_it_was_kept'],
  ["HttpClient's own retries where a connection ended just before", 'Upstream/UpstreamConnection.cs', 'Interlocked.CompareExchange(ref _state, Awaiting, Quiet) == Ended)', 'Interlocked.CompareExchange(ref _state, Awaiting, Quiet) > Ended)', 'Upstream.UpstreamConnectionTests.Connection_that_was_lost_before_the_request_is_written_is_reported_by_the_write'],
  ['retries after a new connection was lost', 'Upstream/UpstreamConnection.cs', '_wasKept = _wasRead;', '_wasKept = _wasRead || _closed == 0;', 'Upstream.UpstreamConnectionTests.Connection_that_was_idle_before_its_first_request_counts_as_kept'],
  ['what is sent a second time', 'Proxy/Rewriting/RepeatableRequest.cs', '"PUT" => !IsConditional(request.Headers) && LeavesTheSame(request)', '"PUT" => true', 'Proxy.RepeatableRequestTests.Second_run_may_do_more_or_be_answered_otherwise'],
  ['headers in the name of the sidecar', 'Proxy/Rewriting/AnswerRules.cs', 'Remove(headers, IsOwn);', '', 'Functional.AnswerRulesTests.Only_the_sidecar_says_something_of_itself'],
  ["the sidecar's own headers, to storage", 'Proxy/Rewriting/RequestRewriter.cs', ' || AnswerRules.IsOwn(name)', '', 'Functional.AnswerRulesTests.Storage_is_sent_no_header_of_the_sidecars_own'],
  ['lookups that block the pool', 'Upstream/NameLookup.cs', 'Task.Factory.StartNew(() => Dns.GetHostAddresses(host), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)', 'Dns.GetHostAddressesAsync(host, cancellation)', 'EndToEnd.ReachingStorage.SlowNamesTests.Names_that_DNS_does_not_answer_for_leave_the_other_accounts_served'],
  ['last good addresses', 'Upstream/NameLookup.cs', 'if (lastGood is null)', 'if (name is not null)', 'Upstream.NameLookupTests.Last_good_addresses_serve_while_DNS_fails_and_are_replaced_when_it_succeeds'],
  ['interim answers', 'Proxy/Rewriting/AnswerRules.cs', '(int)response.StatusCode < StatusCodes.Status200OK', '(int)response.StatusCode < 0', 'Functional.AnswerRulesTests.Answer_that_cannot_be_relayed_is_a_503_that_says_so'],
  ['lengths of answers without a body', 'Proxy/Rewriting/AnswerRules.cs', 'headers.ContentLength = null;', '', 'Functional.AnswerRulesTests.Answer_is_relayed_without_what_contradicts_its_status'],
  ['sources that hide where they are', 'Proxy/Addressing/SourceAddress.cs', "c is '.' or '-' or '_' or ':' or '[' or ']'", "c is '.' or '-' or '_' or ':' or '[' or ']' or '@' or '%' or '\\\\'", 'Functional.CopySourceTests.A_source_that_hides_where_it_is_is_refused_and_nothing_is_sent'],
  ["a source's port", 'Proxy/Addressing/CopySources.cs', 'accounts.ByHost(address.Host) is null ? null : Refusal.CopySourcePort', 'null', 'Functional.CopySourceTests.A_source_that_hides_where_it_is_is_refused_and_nothing_is_sent'],
  ['parts of a batch', 'Proxy/Rewriting/Batch/BatchRules.cs', ': Refusal.BatchPartElsewhere;', ': null;', 'Functional.BatchTests.One_part_that_is_refused_refuses_the_batch_before_anything_is_sent'],
  ['parts that could be two blobs', 'Proxy/Rewriting/Batch/BatchTargets.cs', 'if (isBare && first == account && second == container', 'if (isBare && first == account && second.Length < 0 && second == container', 'Proxy.BatchTargetsTests.Every_form_that_libraries_write_names_one_blob_or_is_refused'],
  ['parts that could be two blobs of an account', 'Proxy/Rewriting/Batch/BatchTargets.cs', '(second == account || HasContainer(outer.Account, account))', 'HasContainer(outer.Account, account)', 'Proxy.BatchTargetsTests.Every_form_that_libraries_write_names_one_blob_or_is_refused'],
  ['parts that could be of a container in the policy', 'Proxy/Rewriting/Batch/BatchTargets.cs', '(second == account || HasContainer(outer.Account, account))', 'second == account', 'Proxy.BatchTargetsTests.Policy_may_tell_of_a_container_that_is_called_like_the_account'],
  ['parts without the account that name no container', 'Proxy/Rewriting/Batch/BatchTargets.cs', '&& IsContainer(first)', '&& first.Length > 0', 'Proxy.BatchTargetsTests.Every_form_that_libraries_write_names_one_blob_or_is_refused'],
  ['boundaries given twice', 'Proxy/Rewriting/Batch/BatchBoundary.cs', 'if (found is not null || name.Length > "boundary".Length)', 'if (found is not null && name.Length < 0)', 'Proxy.BatchBoundaryTests.What_is_not_one_boundary_is_refused'],
  ['lines that look like the boundary', 'Proxy/Rewriting/Batch/BatchLines.cs', '_ => LineKind.NearDelimiter', '_ => LineKind.Text', batchReader],
  ['line ends that are mixed in a part', 'Proxy/Rewriting/Batch/BatchReader.cs', ": line.End != _lineEnd || line.Text.Contains('\\r', StringComparison.Ordinal) ? BatchFault.LineEnds", ": line.End < 0 ? BatchFault.LineEnds", batchReader],
  ['batches that say they are compressed', 'Proxy/Rewriting/BodyRewriter.cs', 'is { Length: > 0 } encoding &&', 'is { Length: > 99 } encoding &&', 'Functional.BatchShapeTests.Body_that_says_it_is_compressed_is_not_read_as_plain'],
  ['other boundaries around a batch', 'Proxy/Rewriting/Batch/BatchReader.cs', 'if (line.Text.StartsWith("--", StringComparison.Ordinal))\n                return fault;', '', batchReader],
  ['parts written anew', 'Proxy/Rewriting/Batch/BatchRules.cs', 'plan = part with { Target = address.PathAndQuery,', 'plan = part with {', 'Functional.BatchShapeTests.Every_form_of_a_target_reaches_storage_as_one_or_is_refused'],
  ["the sidecar's own headers in a part", 'Proxy/Rewriting/Batch/BatchRules.cs', '\n        && !AnswerRules.IsOwn(header.Key)', '', 'Functional.BatchTests.Every_part_reaches_storage_with_the_token_and_without_what_the_client_signed_with'],
  ['operations in a batch', 'Proxy/Rewriting/Batch/BatchRules.cs', 'Refusal.BatchPartOperation', 'null', 'Functional.BatchTests.One_part_that_is_refused_refuses_the_batch_before_anything_is_sent'],
  ['headers that a SAS asks for', 'Proxy/Rewriting/ResponseOverrides.cs', 'return Refusal.OverrideInvalid;', 'continue;', 'Functional.ResponseOverrideTests.What_no_header_can_carry_is_refused'],
  ["the caller's signature", 'Configuration/CallerKeys.cs', 'signed |= CryptographicOperations.FixedTimeEquals(computed, signature);', 'signed |= CryptographicOperations.FixedTimeEquals(computed, computed);', 'CallerKey.SharedKeyTests.Client_with_another_key_is_told_what_storage_tells_it_and_storage_sees_nothing'],
  ["the caller's clock", 'Proxy/CallerKey/CallerSignature.cs', '(time.GetUtcNow() - date).Duration() <= ClockSkew.Tolerance', '(time.GetUtcNow() - date).Duration() >= TimeSpan.Zero', 'CallerKey.SharedKeyTests.Clock_may_be_off_by_a_quarter_of_an_hour_as_at_storage'],
  ['the limits of a SAS', 'Proxy/CallerKey/SasRules.cs', 'return SasLimits.Check(request, caller, now) ?? CheckOperation', 'return CheckOperation', 'CallerKey.SasTests.Start_expiry_address_and_protocol_are_held_to'],
  ['containers of a policy', 'Proxy/Policy/PolicyGuard.cs', 'return Refusal.PolicyContainer;', 'return null;', 'Functional.PolicyTests.Containers_that_the_policy_does_not_name_are_refused_and_so_is_the_account_as_a_whole'],
  ['operations of a policy', 'Proxy/Policy/PolicyGuard.cs', 'return beyond == BlobOperations.None ? null : Refusal.ForPolicy(beyond.First());', 'return null;', 'Functional.PolicyTests.Read_only_refuses_all_that_is_not_read_or_list'],
  ['parts under a policy', 'Proxy/Rewriting/Batch/BatchRules.cs', ' ?? judge(request)', '', 'Functional.PolicyOfPartsTests.One_part_outside_the_policy_refuses_the_batch_before_anything_is_sent'],
  ['delegation keys', 'Proxy/Policy/OperationGate.cs', 'return isCredential ? Refusal.DelegationKey : null;', 'return null;', refused],
  ['credentials, of the built binary', 'Proxy/Policy/OperationGate.cs', 'return isCredential ? Refusal.DelegationKey : null;', 'return null;', 'EndToEnd.Refusals.CredentialOperationTests.Operation_that_could_hand_out_a_credential_is_refused'],
  ['sessions', 'Proxy/Policy/OperationTable.cs', '"session", Delegate, null', '"session", Read, null', credential],
  ['names for credentials', 'Proxy/Policy/OperationGate.cs', ': NamesCredential(', ': query.Length < 0 && NamesCredential(', credential],
  ['letters that fold into ASCII', 'Proxy/Policy/OperationGate.cs', "'\\u017f' => 's',", "'\\u017f' => c,", credential],
  ['unknown POSTs', 'Proxy/Policy/OperationGate.cs', '(HttpMethods.IsPost(request.Method) || !IsPlain(', '(!IsPlain(', unknown],
  ['names of operations with unusual characters', 'Proxy/Policy/OperationGate.cs', '|| !IsPlain(request.Comp)', '', unknown],
  ['headers that override the method', 'Proxy/Policy/OperationGate.cs', 'if (request.Headers.ContainsKey(name))', 'if (name.Length < 0)', unknown],
  ['parameters hidden in a POST', 'Proxy/Policy/RequestedOperation.cs', 'if (values && Uri', 'if (values && query.Raw.Length < 0 && Uri', credential],
  ['credentials in a batch', 'Proxy/Policy/PolicyGuard.cs', '\n        ?? OperationGate.CheckUnknown(request);', ';', 'Functional.CredentialOperationTests.Part_of_a_batch_cannot_override_its_method'],
  ['additions under a SAS', 'Proxy/CallerKey/SasRules.cs', 'return refusal;\n        // Storage would', '{ }\n        // Storage would', 'CallerKey.SasAdditionTests.Addition_needs_its_permission_in_a_SAS'],
  ['letters that fold into an addition', 'Proxy/Policy/OperationAddition.cs', ' || !Ascii.IsValid(given)', '', 'CallerKey.SasAdditionTests.Addition_is_known_in_every_operation_and_spelling'],
  ["additions in a part's SAS", 'Proxy/CallerKey/SasRules.cs', 'return refusal;\n        // Storage would', '{ }\n        // Storage would', 'CallerKey.SasAdditionTests.Addition_in_a_part_of_a_batch_needs_its_permission'],
  ["additions in a source's SAS", 'Proxy/CallerKey/CallerSignature.cs', 'addition.ConcernsSource && addition.IsIn(copy)', 'addition.Name.Length < 0', 'CallerKey.SasAdditionTests.Copy_needs_the_permission_for_tags_at_both_ends'],
  ["additions for a source's policy", 'Proxy/Policy/PolicyGuard.cs', ' | OperationTable.Added(copy, bySourceOnly: true)', '', 'CallerKey.SasAdditionTests.Condition_on_the_sources_tags_needs_tag_in_the_policy_of_its_account'],
  ['signatures in path-style and host-style', 'Proxy/CallerKey/CallerSignature.cs', 'return Refusal.CallerKeyStyle;', '{ }', 'CallerKey.SharedKeyTests.Signature_in_path_style_opens_nothing_in_a_container_that_is_named_like_the_account'],
  ['signatures of parts without the account', 'Proxy/CallerKey/CallerSignature.cs', 'return Refusal.CallerKeyStyle;', '{ }', 'CallerKey.SharedKeyTests.Part_of_a_batch_that_leaves_the_account_out_is_not_signed_like_another_blob'],
  ['dot segments behind a second escape', 'Proxy/Addressing/PathRules.cs', 'path.Raw.Contains("%25", StringComparison.Ordinal) && HasDotSegment', 'path.Raw.Length < 0 && HasDotSegment', spellings],
  ['the operation that was judged, where it is recorded', 'Proxy/ProxyEndpoint.cs', 'var unsigned = steps.Signature.Check(ref request, caller);\n        (exchange.Request, exchange.Operation) = (request, request.Operation);', '(exchange.Request, exchange.Operation) = (request, request.Operation);\n        var unsigned = steps.Signature.Check(ref request, caller);', 'Functional.AuditLogTests.What_was_judged_is_what_is_written_and_counted'],
  ['semicolons in a query', 'Proxy/Policy/RequestedOperation.cs', "if (parameter.Text.Contains(';') || parameter", 'if (parameter', spellings],
  ['parts in the root container', 'Proxy/Rewriting/Batch/BatchRules.cs', 'part.Path.ContainerOfBlob == outer', 'part.Path.First == outer', 'Functional.BatchTests.One_part_that_is_refused_refuses_the_batch_before_anything_is_sent'],
  ['the second question mark', 'Proxy/Addressing/BlobQuery.cs', 'var start = 1;', "var start = raw.Length - raw.TrimStart('?').Length;", 'CallerKey.SharedKeyTextTests.Only_the_first_question_mark_begins_the_query'],
  ['dot segments, fuzzed', 'Proxy/Addressing/PathRules.cs', 'if (HasDotSegment(path.Raw))', 'if (HasDotSegment(path.Raw) && path.Raw.Length < 0)', fuzzedTargets],
  ['encoded names of parameters, fuzzed', 'Proxy/Addressing/QueryRules.cs', 'return Refusal.ParameterEncoded;', 'continue;', fuzzedTargets],
  ['parameters in another case, fuzzed', 'Proxy/Addressing/QueryParameter.cs', 'StringComparison.OrdinalIgnoreCase', 'StringComparison.Ordinal', fuzzedTargets],
  ['parts under a policy, fuzzed', 'Proxy/Rewriting/Batch/BatchRules.cs', ' ?? judge(request)', '', 'Fuzzing.FuzzingTests.No_batch_has_a_part_that_was_not_judged'],
  ['the limits of a SAS, fuzzed', 'Proxy/CallerKey/SasRules.cs', 'return SasLimits.Check(request, caller, now) ?? CheckOperation', 'return CheckOperation', 'Fuzzing.FuzzingTests.No_request_is_taken_for_signed_that_is_not'],
  ["a token's expiry, fuzzed", 'Tokens/Sources/TokenAnswerReader.cs', 'if (byWall <= TimeSpan.Zero)', 'if (byWall == TimeSpan.MinValue)', 'Fuzzing.FuzzingTests.No_answer_of_the_identity_endpoint_becomes_a_token_that_cannot_be_used'],
  ['time for a slow identity endpoint', 'Tokens/Schedule/RefreshSchedule.cs', ' * Math.Pow(2, Math.Min(timeouts, 10));', ';', 'Tokens.StartupTests.Attempts_grow_with_each_timeout_until_one_is_answered'],
  ['requests that wait in an outage', 'Tokens/Schedule/RefreshSchedule.cs', 'MaxWaitOfRequests * (0.5 + 0.5 * draw)', 'MaxBackoff * (0.5 + 0.5 * draw)', 'Tokens.OutageTests.While_requests_come_there_are_at_most_ten_seconds_between_attempts'],
  ['quick retries under throttling', 'Tokens/EntryState.cs', '&& !failure.MayBeStartup)', '&& failure.Code.Length == 0)', 'Tokens.StartupTests.Throttling_ends_the_quick_retries'],
  ['connection headers', 'Proxy/CallerGuard.cs', '? Refusal.ConnectionHeader : null', '? null : null', refused],
  ['connection headers beside known ones', 'Proxy/Rewriting/ConnectionOption.cs', '"close, keep-alive, unknown"', '"close"', 'Functional.ConnectionOptionTests.Option_that_names_any_other_header_is_refused_beside_known_ones_too'],
  ['upgrades that the server would see', 'Proxy/Rewriting/ConnectionOption.cs', '["close", "keep-alive", "TE"]', '["close", "keep-alive", "TE", "Upgrade"]', 'Functional.ConnectionOptionTests.Server_never_takes_a_request_for_an_upgrade'],
  ['codings of transfer', 'Proxy/CallerGuard.cs', 'return Refusal.TransferCoding;', '{ }', refused],
  ["headers' names", 'Proxy/CallerGuard.cs', 'return Refusal.HeaderName;', '{ }', refused],
  ['permissions of a SAS', 'Proxy/CallerKey/SasRules.cs', 'if (!isGiven)', 'if (needed.Length < 0)', 'CallerKey.SasCopySourceTests.Source_needs_a_SAS_that_may_read_that_blob_and_no_other_use_of_it'],
  ['resources of a SAS', 'Proxy/CallerKey/SasRules.cs', 'if (!(isAccount ? IsOfAccount(query, need) : IsOfService(request)))', 'if (need.Level == (char)0)', 'CallerKey.SasTests.SAS_that_was_altered_or_cannot_be_verified_is_refused'],
  ['headers that mean another operation, under a SAS', 'Proxy/CallerKey/SasRules.cs', ' || asked.Operations.HasFlag(BlobOperations.Unknown)', ' || asked.Row.Sas is null', 'CallerKey.SasCopySourceTests.Header_that_means_another_operation_is_none_that_a_SAS_allows'],
  ['kinds of a SAS that its version does not sign', 'Proxy/CallerKey/SasRules.cs', '&& SasText.SignsResource(version)', '', 'CallerKey.SasCopySourceTests.Blobs_SAS_of_an_old_version_is_not_made_into_one_for_a_snapshot'],
  ['a SAS for what a SAS copies', 'Proxy/CallerKey/CallerSignature.cs', 'return Refusal.CallerKeySource;', 'return null;', 'CallerKey.SasTests.SAS_needs_one_more_for_what_it_copies'],
  ["other uses of a source's SAS", 'Proxy/CallerKey/CallerSignature.cs', 'return Refusal.CallerKeySasOperation;', '{ }', 'CallerKey.SasCopySourceTests.Source_needs_a_SAS_that_may_read_that_blob_and_no_other_use_of_it'],
  ['other names of an account, under a SAS', 'Proxy/CallerKey/CallerSignature.cs', 'source.LookAlikes.Count > 0 || (!copy.AwaitsSource && !source.IsSigned) ? Refusal', 'source.LookAlikes.Count > 0 && !copy.AwaitsSource && source.IsSigned ? Refusal', 'CallerKey.SasCopySourceTests.Source_under_another_name_of_the_account_is_refused'],
  ["signatures of a batch's parts", 'Proxy/CallerKey/CallerSignature.cs', '=> _keys is null ? null : Check(_keys, part, caller, out _);', '=> null;', 'CallerKey.SharedKeyTests.Every_part_of_a_batch_is_signed_by_itself'],
  ['texts that could be signed for two requests', 'Proxy/CallerKey/CallerSignature.cs', 'return Refusal.CallerKeyAmbiguous;', '{ }', 'CallerKey.SharedKeyTests.What_was_signed_is_what_is_asked'],
  ['sources of copies under a policy', 'Proxy/Policy/PolicyGuard.cs', 'denied is null ? null : Refusal.PolicyCopySource', 'null', 'Functional.PolicyOfPartsTests.A_copy_needs_read_on_its_source_under_the_policy_of_the_sources_account'],
  ['other names of an account, under a policy', 'Proxy/Policy/PolicyGuard.cs', ': CheckElsewhere(source.LookAlikes))', ': null)', 'Functional.PolicyOfPartsTests.A_source_is_known_by_the_endpoints_name_too_where_the_account_is_called_otherwise'],
  ['who may write the key file', 'Configuration/CallerKeys.cs', '(UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)', 'UnixFileMode.None', 'CallerKey.CallerKeysTests.File_that_others_can_read_is_taken_and_noticed_and_one_that_they_can_write_is_not_taken'],
  ["other sites' pages at the admin listener", 'Admin/AdminGuard.cs', 'is not ("" or "none" or "same-origin")', 'is "never"', 'Functional.AdminTests.The_admin_listener_answers_only_whom_it_should'],
  ['foreign origins at the admin listener', 'Admin/AdminGuard.cs', 'origin != $"http://{headers.Host}"', 'origin.Length < 0', 'Functional.AdminTests.A_page_cannot_make_the_admin_listener_change_anything'],
  ['frames and content at the admin listener', 'Admin/AdminGuard.cs', 'response.Headers.ContentSecurityPolicy = "default-src \'self\'; frame-ancestors \'none\'";', '', 'Functional.AdminTests.The_admin_listener_answers_only_whom_it_should'],
  ['slots of refused requests', 'Proxy/ProxyEndpoint.cs', 'exchange.Refusal = refusal;\n        exchange.Slot?.Dispose();', 'exchange.Refusal = refusal;', 'Functional.SharedLimitTests.Request_that_was_refused_after_admission_gives_its_slot_back_while_its_body_is_still_awaited'],
  ['the admin listener', 'Admin/AdminGuard.cs', 'return (403, "host-not-allowed", "The Host header is not the admin listener\'s address. Use the address that the sidecar printed at its start.");', '{ }', 'Functional.AdminTests.The_admin_listener_answers_only_whom_it_should'],
  ['what the health listener takes', 'Admin/HealthEndpoints.cs', 'return Reads(context.Request) ? next(context)', 'return context.Request.Method.Length > 0 ? next(context)', 'Functional.HealthTests.Health_listener_answers_any_host_and_has_nothing_but_health_and_metrics'],
  ['which listener it is', 'Hosting/BrokerHost.cs', 'context.Features.Get<ListenerRole>() == ListenerRole.Health, HealthEndpoints.UseHealth', 'context.Request.Path.StartsWithSegments("/health"), HealthEndpoints.UseHealth', 'Functional.HealthTests.Listener_is_told_by_its_socket_and_not_by_what_a_request_says'],
  ['clients that end their sending', 'Hosting/Listening/Listeners.cs', 'listener.Use(HalfClosedClients.Await);', '', 'EndToEnd.HalfClosed.HalfClosedClientTests.Answer_is_that_to_a_client_that_stays_open'],
  ['the end of sending behind a body', 'Hosting/Listening/HalfClosedClients.cs', '_connection.Transport = new InputBeforeEnd(_connection.Transport);', '', 'EndToEnd.HalfClosed.HalfClosedClientTests.Answer_is_that_to_a_client_that_stays_open'],
  ['a reset behind the end of sending', 'Hosting/Listening/HalfClosedClients.cs', '!_closed.IsCancellationRequested && !IsHalfClosed()', '_closed is null', 'EndToEnd.HalfClosed.HalfClosedClientTests.Reset_ends_the_request_at_storage_even_after_the_client_ended_its_sending'],
  ['listeners that need one socket', 'Configuration/Reading/OptionRules.cs', 'earlier.FirstOrDefault(listen.Overlaps) is { } same', 'earlier.FirstOrDefault(_ => false) is { } same', 'Configuration.BrokerConfigurationTests.Listeners_that_need_the_same_socket_are_a_fault'],
  ['an empty list of listeners', 'Configuration/Reading/SettingSources.cs', 'SettingTable.ListsOrValues.Contains(key, StringComparer.OrdinalIgnoreCase)))', 'key.Length == 0))', 'Configuration.BrokerConfigurationTests.A_list_of_no_listeners_is_a_fault_and_not_the_default'],
  ['a port that is taken on one loopback address', 'Hosting/Listening/ListenException.cs', '&& _error is SocketError.AddressNotAvailable or', '&& _error is SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or', 'EndToEnd.Listening.LoopbackTests.Port_that_is_taken_on_one_of_the_two_addresses_ends_the_start_with_that_address'],
  ['requests in flight', 'Proxy/RequestsInFlight.cs', 'if (!_slots.TryTake(account, 1))', 'if (!_slots.TryTake(account, 1) && account.Length == 0)', 'Functional.LimitTests.Request_beyond_those_in_flight_is_told_to_come_back_and_gets_through_when_one_has_ended'],
  ['connections', 'Limits/AcceptedConnections.cs', 'return (false, null);', '{ }', 'Functional.LimitTests.Connection_beyond_the_bound_is_closed_and_the_others_go_on'],
  ['a share for each account', 'Limits/SharedBudget.cs', 'if (shared > _sharedFree)', 'if (_used + amount > Total)', 'Functional.SharedLimitTests.Account_whose_storage_hangs_leaves_slots_for_the_others'],
  ['bodies that are held', 'Proxy/Bodies/BodyGathering.cs', 'if (!reservation.TryGrow(size))', 'if (!reservation.TryGrow(size) && size < 0)', 'Functional.SharedLimitTests.Bodies_that_are_held_take_no_more_than_their_budget_and_give_it_back'],
  ['clients that fall silent', 'Proxy/Bodies/BodyGathering.cs', 'body.Room, end.Token)', 'body.Room, context.RequestAborted)', 'Functional.SharedLimitTests.Client_that_falls_silent_in_its_body_is_ended_and_its_slot_and_bytes_are_free'],
  ['heads in sum', 'Limits/HeadBudget.cs', 'while (bytes > 0 && held > max)', 'while (bytes > long.MaxValue - 1 && held > max)', 'Functional.SharedLimitTests.Heads_that_take_more_than_their_budget_close_the_longest_and_the_others_are_served'],
  ['long heads at the admin listener', 'Limits/ClientHead.cs', '> limit.MaxHeadBytes)', '> int.MaxValue)', 'Functional.SharedLimitTests.Admin_listener_takes_short_heads_and_few_connections_and_still_answers'],
  ['many connections to the admin listener', 'Limits/ListenerLimits.cs', 'replacesOldest: true', 'replacesOldest: false', 'Functional.SharedLimitTests.Admin_listener_takes_short_heads_and_few_connections_and_still_answers'],
  ['silence at the admin listener', 'Limits/ClientHead.cs', 'is not { } silence)', 'is not { Ticks: 0 } silence)', 'Functional.SharedLimitTests.Admin_client_that_sends_nothing_is_closed'],
  ['descriptors of idle connections to storage', 'Limits/EffectiveLimits.cs', 'upstream < (long)requests * (options.Accounts.Count + 1)', 'byDescriptors', 'Limits.EffectiveLimitsTests.Idle_connections_close_soon_only_where_those_of_other_accounts_could_leave_none'],
  ['too few descriptors', 'Limits/DescriptorLimit.cs', 'Raise() is not < EffectiveLimits.MinDescriptors', 'Raise() is not < 0', 'EndToEnd.Limits.DescriptorTests.Too_few_open_files_end_the_start_with_a_sentence'],
  ['descriptors', 'Limits/EffectiveLimits.cs', 'free < (long)connections + upstream', 'free < 0', 'EndToEnd.Limits.DescriptorTests.Clients_beyond_the_descriptors_cost_nothing_and_the_others_are_served'],
  ['the admin listener after DNS rebinding', 'Admin/AdminGuard.cs', 'return (403, "host-not-allowed", "The Host header is not the admin listener\'s address. Use the address that the sidecar printed at its start.");', '{ }', rebound],
  ['changes by a page', 'Admin/AdminGuard.cs', 'return headers["X-TokenBroker"] == "1"', 'return headers.Count > 0', 'Functional.AdminTests.A_page_cannot_make_the_admin_listener_change_anything'],
  ["the web framework's own settings", 'Hosting/BrokerHost.cs', 'WebApplication.CreateEmptyBuilder(new() { ApplicationName = Name, ContentRootPath = AppContext.BaseDirectory })', 'WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = Name })', 'EndToEnd.ForeignSettings.ForeignSettingsTests.It_listens_on_the_two_configured_addresses_and_nowhere_else'],
  ["the web framework's own headers", 'Hosting/BrokerHost.cs', 'WebApplication.CreateEmptyBuilder(new() { ApplicationName = Name, ContentRootPath = AppContext.BaseDirectory })', 'WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = Name })', 'EndToEnd.ForeignSettings.ForeignSettingsTests.Forwarded_header_is_refused_and_not_believed'],
  ['requests that cannot be recorded', 'Proxy/ProxyEndpoint.cs', '(isRecorded ? await ServeAsync(exchange) : Refusal.AuditFull)', '(await ServeAsync(exchange))', 'EndToEnd.Logging.StalledOutputTests.With_refuse_storage_sees_no_request_that_is_not_recorded'],
  ["messages in the log's queue", 'Logging/LogQueue.cs', 'if (!HasRoom_NeedsGate(isAudit))', 'if (_count < 0)', 'Logging.LogQueueTests.What_finds_no_room_is_counted_and_other_messages_leave_room_for_audit_lines'],
  ["bytes in the log's queue", 'Logging/LogQueue.cs', '!_isFailing && _count < _maxLines && _bytes + PlaceBytes <= (long)_maxLines * PlaceBytes', '_count < _maxLines', 'Logging.LogQueueTests.Long_messages_are_bounded_in_sum'],
  ['audit lines that cannot be written', 'Logging/LogQueue.cs', '? !_isFailing && _count', '? _count', 'EndToEnd.Logging.StalledOutputTests.With_refuse_nothing_is_sent_while_lines_cannot_be_written_and_all_are_recorded_once_they_can'],
  ["the runtime's diagnostics", 'Hosting/CleanStart.cs', 'closeSocket = RuntimeFeature.IsDynamicCodeSupported &&', 'closeSocket = !RuntimeFeature.IsDynamicCodeSupported &&', 'EndToEnd.Lifetime.StartTests.The_runtimes_diagnostics_are_off'],
  ['what renewed files contain', 'Hosting/Files/FileWatches.cs', 'return Convert.ToHexString(SHA256.HashData(file));', 'return File.GetLastWriteTimeUtc(path).ToString("O");', 'Functional.HttpsListenerTests.A_certificate_behind_a_link_to_its_directory_is_renewed_when_the_link_is_swapped'],
  ['standard streams that were closed', 'Hosting/CleanStart.cs', 'Where(stream => !StandardStream.IsInherited(stream))', 'Where(stream => stream < 0)', 'EndToEnd.Lifetime.StartTests.A_standard_stream_that_was_closed_leads_nowhere_and_to_no_socket'],
];

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const placesOf = ([, file, guard], folder) => readFileSync(join(folder, 'sidecar', file), 'utf8').split(guard).length - 1;
if (process.argv[2] === '--fits') {
  const misfits = guards.filter(guard => placesOf(guard, root) !== 1);
  for (const guard of misfits)
    console.error(`${guard[0]}: the guard stands ${placesOf(guard, root)} times in sidecar/${guard[1]}`);
  process.exit(misfits.length === 0 ? 0 : 1);
}

const parts = process.argv.length > 2 ? process.argv.slice(2) : [''];
const wanted = guards.filter(([name]) => parts.some(part => name.includes(part)));
if (wanted.length === 0) {
  console.error(`no guard is called '${parts.join("' or '")}'; there are: ${guards.map(([name]) => name).join(', ')}`);
  process.exit(2);
}

const clone = join(mkdtempSync(join(tmpdir(), 'guards-')), 'clone');
const nameOf = test => `TokenBroker.${test.startsWith('EndToEnd.') ? test : `Tests.${test}`}`;
const projectOf = test => join(clone, 'tests', nameOf(test).split('.').slice(0, 2).join('.'));
const build = test => spawnSync('dotnet', ['build', projectOf(test), '--verbosity', 'quiet', '-nodeReuse:false', '-p:RunAnalyzers=false'], { encoding: 'utf8' });
// TOKENBROKER_REQUIRE_ALL would turn a skipped test into a failed one, and so into a proof.
const run = test => readRun(spawnSync('dotnet', ['run', '--no-build', '--project', projectOf(test), '--', '-noColor', '-method', nameOf(test)],
  { encoding: 'utf8', env: { ...process.env, TOKENBROKER_LONG: '1', TOKENBROKER_REQUIRE_ALL: undefined } }).stdout);

process.on('exit', () => rmSync(dirname(clone), { recursive: true, force: true }));
execFileSync('git', ['clone', '--quiet', root, clone]);
const before = new Map();
const tests = [...new Set(wanted.map(([, , , , test]) => test))];
for (const project of new Set(tests.map(projectOf))) {
  const ofProject = tests.filter(test => projectOf(test) === project);
  const built = build(ofProject[0]);
  if (built.status !== 0) {
    console.error(`${project} does not build as it is committed\n${built.stdout}`);
    process.exit(1);
  }

  for (const test of ofProject)
    before.set(test, judgeBefore(run(test), test));
}

const tryWithout = row => {
  const [, file, guard, without, test] = row;
  const path = join(clone, 'sidecar', file);
  const source = readFileSync(path, 'utf8');
  const places = placesOf(row, clone);
  if (places !== 1)
    return `FAULT: the guard stands ${places} times in sidecar/${file}`;
  if (before.get(test) !== null)
    return before.get(test);
  writeFileSync(path, source.replace(guard, () => without));
  const built = build(test);
  const verdict = built.status === 0 ? judge(run(test), test) : `FAULT: it does not build without the guard\n${built.stdout}`;
  writeFileSync(path, source);
  return verdict;
};

const count = { red: 0, 'NOT PROVEN': 0, FAULT: 0 };
for (const guard of wanted) {
  const verdict = tryWithout(guard);
  count[verdict.split(':')[0]]++;
  console.log(`${guard[0]}: ${verdict}`);
}

console.log(`${count.red} of ${wanted.length} guards have a test that goes red without them; ${count['NOT PROVEN']} not proven, ${count.FAULT} with a fault`);
process.exitCode = count.red === wanted.length ? 0 : 1;
