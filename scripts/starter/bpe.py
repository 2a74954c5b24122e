# byte-level BPE (Qwen2 pre-tokenizer regex, NFC) over a language-balanced sample of the corpus -> bpe.json + tokenizer.json
import json,random,sys
from tokenizers import Tokenizer,models,normalizers,pre_tokenizers,trainers,decoders,AddedToken,Regex
from bpe_pat import PAT,SPECIAL,VOCAB
budget=dict(ts=16e6,js=8e6,py=16e6,go=4e6,rust=4e6,java=3.5e6,c=3e6,cpp=3.5e6,html=1.5e6,css=1.5e6,sh=1e6,sql=.7e6,md=1e6,yaml=.4e6,json=.3e6)
files=[json.loads(x) for f in sys.argv[1:] for x in open(f)]; random.Random(2).shuffle(files)
def texts():
    for l,p,t in files:
        if budget[l]<=0: continue
        t=t[:20000]; budget[l]-=len(t); yield t
tok=Tokenizer(models.BPE()); tok.normalizer=normalizers.NFC()
pre=lambda:pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PAT),'isolated'),pre_tokenizers.ByteLevel(add_prefix_space=False,use_regex=False)]); tok.pre_tokenizer=pre()
tok.train_from_iterator(texts(),trainers.BpeTrainer(vocab_size=VOCAB-16,initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),min_frequency=2,show_progress=False))
m=json.loads(tok.to_str())['model']; assert len(m['vocab'])==VOCAB-16
json.dump({'vocab':m['vocab'],'merges':[x if isinstance(x,list) else x.split(' ') for x in m['merges']],'special':SPECIAL},open('bpe.json','w'),ensure_ascii=False)
tok=Tokenizer(models.BPE(vocab=m['vocab'],merges=[tuple(x) if isinstance(x,list) else tuple(x.split(' ')) for x in m['merges']],fuse_unk=False,byte_fallback=False,ignore_merges=False))
tok.normalizer=normalizers.NFC(); tok.pre_tokenizer=pre(); tok.decoder=decoders.ByteLevel()
tok.add_special_tokens([AddedToken(s,special=True,normalized=False) for s in SPECIAL+['<|spare_%d|>'%i for i in range(VOCAB-len(m['vocab'])-len(SPECIAL))]])
tok.save('tokenizer.json'); print(len(m['vocab']),'tokens')
