# tokenizer.json (Hugging Face `tokenizers` format) without its special tokens: text that looks like one stays text
import json,os
from tokenizers import Tokenizer
def build(special=False):
    d=json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)),'tokenizer.json')))
    if not special: d['added_tokens']=[]
    return Tokenizer.from_str(json.dumps(d))
