"""Writes a model of llama's architecture with random weights. It answers with real streams of random words.

usage: make-model.py FILE.gguf
"""
import sys

import gguf
import numpy

CONTEXT, WIDTH, HEADS, HIDDEN = 256, 64, 4, 128
WORDS = ["▁" + word for word in "the a of in is on Paris city river bridge light old new and with tower street".split()]
SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TOKENS = SPECIAL + BYTES + WORDS
TYPES = (
    [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    + [gguf.TokenType.BYTE] * len(BYTES)
    + [gguf.TokenType.NORMAL] * len(WORDS)
)
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"

random = numpy.random.default_rng(1)


def weights(*shape: int) -> numpy.ndarray:
    return random.standard_normal(shape).astype(numpy.float32) * 0.2


writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_block_count(1)
writer.add_feed_forward_length(HIDDEN)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_vocab_size(len(TOKENS))
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_tokenizer_model("llama")
writer.add_token_list(TOKENS)
writer.add_token_scores([0.0] * len(TOKENS))
writer.add_token_types(TYPES)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_chat_template(TEMPLATE)

output = numpy.zeros((len(TOKENS), WIDTH), dtype=numpy.float32)
# Only the tokens of WORDS are likely, so that the answer is readable and does not end early.
output[-len(WORDS) :] = weights(len(WORDS), WIDTH) * 20
norm = numpy.ones(WIDTH, dtype=numpy.float32)
writer.add_tensor("token_embd.weight", weights(len(TOKENS), WIDTH))
writer.add_tensor("output_norm.weight", norm)
writer.add_tensor("output.weight", output)
for name in ("attn_norm", "ffn_norm"):
    writer.add_tensor(f"blk.0.{name}.weight", norm)
for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
    writer.add_tensor(f"blk.0.{name}.weight", weights(WIDTH, WIDTH))
for name in ("ffn_gate", "ffn_up"):
    writer.add_tensor(f"blk.0.{name}.weight", weights(HIDDEN, WIDTH))
writer.add_tensor("blk.0.ffn_down.weight", weights(WIDTH, HIDDEN))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
