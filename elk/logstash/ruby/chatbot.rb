# Filter of the log pipeline: keeps known fields, redacts secrets a second time after the bot, removes fields that could
# choose an index, and sets the document id of every line. Logstash runs the tests at the end when the pipeline starts;
# a failing test prevents the start.

require "digest"

# Object fields, the same as in the index template. Other top-level fields are dropped, except the plain ones.
OBJECTS = %w[chatbot client ecs error event http log process service span trace transaction url].freeze
PLAIN = %w[@timestamp @version message tags].freeze
# Fields that Filebeat adds to every line. They are dropped without a tag.
FROM_FILEBEAT = %w[agent host input].freeze

REDACTED = "[redacted]".freeze

SECRET_KEY = /password|passwd|secret|token\z|authorization|cookie|api_?key|aes_?key|encrypt_?key|webhook/i.freeze

# Each pattern keeps its first group; the rest of the match is replaced.
SECRET_TEXT = [
  /(\bBearer\s+)[\w.~+\/=-]+/i,
  /(\bBasic\s+)[A-Za-z0-9+\/=]{8,}/i,
  /((?:access_token|app_access_token|tenant_access_token|api_key|apikey|secret|password|sign|signature|session)=)[^&\s"']+/i,
  /("(?:[a-z_]*(?:token|secret|password|key))"\s*:\s*")[^"]+/i,
  /(\/open-apis\/bot\/v2\/hook\/)[\w-]+/,
  /(:\/\/[^\/\s:@]+:)[^@\s\/]+(?=@)/,
  /(\bSEC)[0-9a-f]{32,}/,
  /(\bsk-)[\w-]{16,}/,
  /(\bt-)[\w-]{32,}/
].freeze

# Longest document id that Elasticsearch accepts, in bytes, see
# https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-id-field (read 2026-11).
MAX_ID_BYTES = 512

def register(_params); end

def filter(event)
  keep_known_fields(event)
  event.set("[@metadata][_id]", document_id(event))
  [event]
end

def keep_known_fields(event)
  event.to_hash.each do |key, value|
    if key == "message"
      event.set("message", redact_text(value.to_s))
    elsif key == "error" && value.is_a?(String)
      event.set("error", { "message" => redact_text(value) })
    elsif OBJECTS.include?(key) && value.is_a?(Hash)
      event.set(key, redact(value))
    elsif !PLAIN.include?(key)
      event.remove("[#{key}]")
      event.tag("_field_dropped") unless FROM_FILEBEAT.include?(key)
    end
  end
end

# Returns a copy of the value with all secrets replaced, at any depth. Numbers and times stay unchanged.
def redact(value, key = "")
  case value
  when Hash then value.to_h { |name, inner| [name, redact(inner, name)] }
  when Array then value.map { |inner| redact(inner, key) }
  when String then SECRET_KEY.match?(key) ? REDACTED : redact_text(value)
  else value
  end
end

def redact_text(text)
  SECRET_TEXT.reduce(text) { |rest, pattern| rest.gsub(pattern) { "#{Regexp.last_match(1)}#{REDACTED}" } }
end

# Returns the bot's own id of the line. A line without an id, such as a line that is not JSON, gets a hash of its
# position in its file. The hash is the same when the line is sent again, and differs if the bot logs an equal line
# later.
def document_id(event)
  id = event.get("[event][id]").to_s
  return id if id.bytesize.between?(1, MAX_ID_BYTES)
  return Digest::SHA256.hexdigest(id) unless id.empty?

  position = ["[log][file][fingerprint]", "[log][file][path]", "[log][offset]", "message"].map { |field| event.get(field).to_s }
  Digest::SHA256.hexdigest(position.join("\n"))
end

test "a line of the bot" do
  in_event do
    {
      "message" => "push attempted",
      "event" => { "id" => "0190-a", "action" => "push-attempted", "duration" => 12_000_000 },
      "chatbot" => { "platform" => "feishu", "stage" => "token", "code" => "99991663", "sign_prefix" => "abcd" },
      "log" => { "level" => "warn" }
    }
  end

  expect("passes unchanged") do |events|
    kept = events.first.to_hash
    kept["message"] == "push attempted" &&
      kept["event"] == { "id" => "0190-a", "action" => "push-attempted", "duration" => 12_000_000 } &&
      kept["chatbot"] == { "platform" => "feishu", "stage" => "token", "code" => "99991663", "sign_prefix" => "abcd" } &&
      kept["log"] == { "level" => "warn" } &&
      kept["tags"].nil?
  end

  expect("is stored under its own id") { |events| events.first.get("[@metadata][_id]") == "0190-a" }
end

test "secrets at any depth" do
  in_event do
    {
      "message" => "GET https://oapi.example/robot/send?access_token=abc123&timestamp=1 failed",
      "error" => {
        "message" => "401 for Authorization: Bearer eyJhbGciOi.J9",
        "config" => { "headers" => [{ "Cookie" => "sid=1" }], "url" => "mysql://bot:hunter22@db/bot" }
      },
      "chatbot" => { "app_secret" => "s3cr3t", "note" => "/open-apis/bot/v2/hook/0a1b-2c", "attempt" => 2 }
    }
  end

  expect("are replaced; other values stay unchanged") do |events|
    kept = events.first.to_hash
    kept["message"] == "GET https://oapi.example/robot/send?access_token=[redacted]&timestamp=1 failed" &&
      kept["error"] == {
        "message" => "401 for Authorization: Bearer [redacted]",
        "config" => { "headers" => [{ "Cookie" => "[redacted]" }], "url" => "mysql://bot:[redacted]@db/bot" }
      } &&
      kept["chatbot"] == { "app_secret" => "[redacted]", "note" => "/open-apis/bot/v2/hook/[redacted]", "attempt" => 2 }
  end
end

test "a line that tries to choose its index" do
  in_event { { "message" => "x", "event" => { "id" => "a" }, "data_stream" => { "dataset" => "evil" }, "user" => "y" } }

  expect("loses the field and gets a tag") do |events|
    kept = events.first.to_hash
    kept["data_stream"].nil? && kept["user"].nil? && kept["tags"] == ["_field_dropped"]
  end
end

test "fields that Filebeat adds" do
  in_event { { "message" => "x", "event" => { "id" => "a" }, "agent" => { "id" => "1" }, "host" => { "name" => "h" }, "input" => {} } }

  expect("are dropped without a tag") do |events|
    kept = events.first.to_hash
    kept["agent"].nil? && kept["host"].nil? && kept["input"].nil? && kept["tags"].nil?
  end
end

test "an error that is text" do
  in_event { { "message" => "x", "event" => { "id" => "a" }, "error" => "password=abc" } }

  expect("becomes an object, as the index template requires") do |events|
    events.first.get("error") == { "message" => "password=[redacted]" }
  end
end

test "an object field whose value is not an object" do
  in_event { { "message" => "x", "event" => "started", "log" => { "file" => { "path" => "/a" }, "offset" => 7 } } }

  expect("is dropped, and the line still has an id") do |events|
    events.first.get("event").nil? && events.first.get("[@metadata][_id]") =~ /\A\h{64}\z/ && events.first.get("tags") == ["_field_dropped"]
  end
end

test "an id longer than Elasticsearch accepts" do
  in_event { { "message" => "x", "event" => { "id" => "é" * 300 } } }

  expect("is hashed") { |events| events.first.get("[@metadata][_id]") =~ /\A\h{64}\z/ }
end
