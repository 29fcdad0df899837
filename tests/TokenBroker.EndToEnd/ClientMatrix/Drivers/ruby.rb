# azure-storage-blob of Ruby, as an application uses it: nothing is set but what docs/clients.md says. Each operation
# prints one JSON line: what the application's code saw.
require 'digest'
require 'json'
require 'time'

service = eval("#{ENV.fetch('MATRIX_LINES')}\nservice")
CONTAINER = ENV.fetch('MATRIX_CONTAINER')
NAMES = ['a space', 'a+b', '100%', '50%2Fhalf', 'a#b', 'a?b=c', 'grün/日本', 'a//b', 'trailing.', "a&b=c;d@e:f$g,h'(i)!j*k~l", 'list/[x]'].freeze

# One operation after another, with what they share.
class Matrix
  def initialize(service)
    @service = service
  end

  def create
    created = @service.create_container(CONTAINER, metadata: { 'purpose' => 'matrix' })
    { etag: !created.properties[:etag].nil?, metadata: @service.get_container_properties(CONTAINER).metadata, again: attempt { @service.create_container(CONTAINER) } }
  end

  def put_get
    data = content(100_000)
    written = @service.create_block_blob(CONTAINER, 'put-get', data, content_type: 'text/x-matrix', cache_control: 'no-store', metadata: { 'Colour' => 'blue' })
    seen, read = @service.get_blob(CONTAINER, 'put-get')
    { same: read.b == data.b, size: seen.properties[:content_length], etag: seen.properties[:etag] == written.properties[:etag], type: seen.properties[:blob_type],
      content_type: seen.properties[:content_type], cache: seen.properties[:cache_control], md5: seen.properties[:content_md5], metadata: seen.metadata }
  end

  def range
    put('range', content(50_000))
    seen, read = @service.get_blob(CONTAINER, 'range', start_range: 1000, end_range: 5999)
    { sha256: sha256(read), size: seen.properties[:content_length] }
  end

  def staged
    data = content(70 << 20)
    ids = (0...18).map { |number| format('block-%02d', number) }
    ids.each_with_index { |id, number| @service.put_blob_block(CONTAINER, 'staged', id, data.byteslice(number << 22, 4 << 20)) }
    @service.commit_blob_blocks(CONTAINER, 'staged', ids.map { |id| [id] })
    committed = @service.list_blob_blocks(CONTAINER, 'staged', blocklist_type: :all)[:committed].length
    result = { blocks: committed, same: read('staged') == sha256(data) }
    @service.delete_blob(CONTAINER, 'staged')
    result
  end

  def list
    %w[list/a list/b list/deep/c].each { |name| put(name, '1234', metadata: { 'of' => 'list' }) }
    first = @service.list_blobs(CONTAINER, prefix: 'list/', max_results: 2, metadata: true)
    second = @service.list_blobs(CONTAINER, prefix: 'list/', max_results: 2, metadata: true, marker: first.continuation_token)
    pages = [first, second].map { |page| page.map { |blob| [blob.name, blob.properties[:content_length], blob.metadata] } }
    walk = @service.list_blobs(CONTAINER, prefix: 'list/', delimiter: '/').map { |item| item.is_a?(String) ? item : item.name }.sort
    { pages: pages, walk: walk, containers: @service.list_containers(prefix: CONTAINER).map(&:name) }
  end

  def delete
    put('delete')
    @service.delete_blob(CONTAINER, 'delete')
    { again: attempt { @service.delete_blob(CONTAINER, 'delete') }, get: attempt { @service.get_blob(CONTAINER, 'delete') } }
  end

  def snapshot
    put('snapshot', 'old')
    taken = @service.create_blob_snapshot(CONTAINER, 'snapshot')
    put('snapshot', 'new')
    { old: read('snapshot', snapshot: taken), new: read('snapshot'), listed: @service.list_blobs(CONTAINER, prefix: 'snapshot', snapshots: true).length,
      delete: [:only, :include].map { |which| attempt { @service.delete_blob(CONTAINER, 'snapshot', delete_snapshots: which) } } }
  end

  def lease
    put('lease')
    held = @service.acquire_blob_lease(CONTAINER, 'lease', duration: 15)
    changed = '11111111-2222-3333-4444-555555555555'
    { without: attempt { put('lease') }, with: attempt { put('lease', 'y', lease_id: held) }, state: @service.get_blob_properties(CONTAINER, 'lease').properties[:lease_state],
      renew: attempt { @service.renew_blob_lease(CONTAINER, 'lease', held) }, change: attempt { @service.change_blob_lease(CONTAINER, 'lease', held, changed) },
      second: attempt { @service.acquire_blob_lease(CONTAINER, 'lease', duration: 15) },
      break: @service.break_blob_lease(CONTAINER, 'lease', break_period: 0), after: attempt { put('lease') } }
  end

  def conditional
    etag = put('conditional').properties[:etag]
    { not_modified: attempt { @service.get_blob(CONTAINER, 'conditional', if_none_match: etag) },
      since: attempt { @service.get_blob(CONTAINER, 'conditional', if_modified_since: (Time.now + 3600).httpdate) },
      exists: attempt { put('conditional', 'x', if_none_match: '*') }, wrong: attempt { put('conditional', 'x', if_match: '"0x123"') },
      right: attempt { put('conditional', 'x', if_match: etag) } }
  end

  def append
    @service.create_append_blob(CONTAINER, 'append')
    ['one ', 'two ', 'three'].each { |part| @service.append_blob_block(CONTAINER, 'append', part) }
    { sha256: read('append'), blocks: @service.get_blob_properties(CONTAINER, 'append').properties[:committed_count],
      position: attempt { @service.append_blob_block(CONTAINER, 'append', 'x', append_position: 1) } }
  end

  def page
    @service.create_page_blob(CONTAINER, 'page', 4096)
    @service.put_blob_pages(CONTAINER, 'page', 512, 1535, content(1024))
    @service.clear_blob_pages(CONTAINER, 'page', 512, 1023)
    ranges = @service.list_page_blob_ranges(CONTAINER, 'page')
    @service.resize_page_blob(CONTAINER, 'page', 8192)
    { sha256: read('page'), ranges: ranges, size: @service.get_blob_properties(CONTAINER, 'page').properties[:content_length] }
  end

  def names
    { same: NAMES.to_h { |name| [name, round_trip(name)] }, listed: listed.select { |name| NAMES.include?(name) } }
  end

  def name_leading_slash
    { same: round_trip('/lead'), listed: listed.select { |name| name.include?('lead') } }
  end

  def name_backslash
    { same: round_trip('back\\slash'), listed: listed.select { |name| name.start_with?('back') } }
  end

  def name_dot_dot
    put('dots/kept/../gone')
    { listed: listed.select { |name| name.start_with?('dots/') } }
  end

  def metadata_umlaut
    put('metadata', 'x', metadata: { 'note' => 'ü' })
    { metadata: @service.get_blob_metadata(CONTAINER, 'metadata').metadata.transform_values { |value| value.dup.force_encoding('UTF-8').scrub } }
  end

  def copy
    _, status = @service.copy_blob_from_uri(CONTAINER, 'copy/target', source, metadata: { 'copied' => 'yes' })
    { status: status, sha256: read('copy/target'), metadata: @service.get_blob_metadata(CONTAINER, 'copy/target').metadata }
  end

  def sas
    signed({})
  end

  def sas_headers
    signed(content_type: 'text/x-other', content_disposition: 'attachment; filename="a b.txt"', cache_control: 'max-age=5')
  end

  def delegation_key
    { value: !@service.get_user_delegation_key(Time.now - 300, Time.now + 3600).value.nil? }
  end

  def acl
    policy = Azure::Storage::Common::Service::SignedIdentifier.new
    policy.id = 'readers'
    policy.access_policy.start = '2026-01-01T00:00:00Z'
    policy.access_policy.expiry = '2030-01-01T00:00:00Z'
    policy.access_policy.permission = 'r'
    @service.set_container_acl(CONTAINER, '', signed_identifiers: [policy])
    _, policies = @service.get_container_acl(CONTAINER)
    { policies: policies.map(&:id) }
  end

  def attempt
    yield
    'ok'
  rescue StandardError => e
    failure(e)
  end

  # An error of storage or of the sidecar by its status; one of the client itself by its name and words.
  def failure(error)
    return { error: error.class.name, message: error.message.lines.first.to_s.strip } unless error.respond_to?(:status_code)

    { error: error.class.name, status: error.status_code, code: error.type, reason: error.http_response.headers['x-tokenbroker-reason'] }
  end

  private

  def put(name, data = 'some content', options = {})
    @service.create_block_blob(CONTAINER, name, data, options)
  end

  def read(name, options = {})
    sha256(@service.get_blob(CONTAINER, name, options)[1])
  end

  def round_trip(name)
    put(name, name)
    read(name) == sha256(name)
  end

  def listed
    @service.list_blobs(CONTAINER).map(&:name).sort
  end

  def source
    put('copy/a source', content(3000))
    @service.client.storage_blob_host + "/#{CONTAINER}/copy/a%20source"
  end

  def signed(headers)
    put('signed link', content(2000), content_type: 'text/plain')
    client = @service.client
    generator = Azure::Storage::Common::Core::Auth::SharedAccessSignature.new(client.storage_account_name, client.storage_access_key)
    token = generator.generate_service_sas_token("#{CONTAINER}/signed link", service: 'b', resource: 'b', permissions: 'r', expiry: (Time.now + 3600).utc.iso8601, **headers)
    reader = Azure::Storage::Blob::BlobService.create(storage_account_name: client.storage_account_name, storage_sas_token: token, storage_blob_host: client.storage_blob_host)
    seen, read = reader.get_blob(CONTAINER, 'signed link')
    { sha256: sha256(read), type: seen.properties[:content_type], disposition: seen.properties[:content_disposition], cache: seen.properties[:cache_control] }
  end

  def content(size)
    ('tokenbroker ' * (size / 12 + 1))[0, size]
  end

  def sha256(bytes)
    Digest::SHA256.hexdigest(bytes)
  end
end

matrix = Matrix.new(service)
%i[create put_get range staged list delete snapshot lease conditional append page names name_leading_slash name_backslash name_dot_dot
   metadata_umlaut copy sas sas_headers delegation_key acl].each do |operation|
  result = begin
    { ok: true, **matrix.public_send(operation) }
  rescue StandardError => e
    { ok: false, **matrix.failure(e) }
  end
  puts JSON.generate({ operation: operation.to_s.tr('_', '-'), **result })
end
